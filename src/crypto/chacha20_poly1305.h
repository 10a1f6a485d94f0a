#pragma once
// ChaCha20-Poly1305 (RFC 8439), libcrypto's.

#include <array>
#include <memory>

#include "base/bytes.h"
#include "base/secret.h"

struct evp_cipher_ctx_st;

namespace pgseal::crypto {

/// Seals and opens many messages under one key, each with a nonce of its own. One thread at a time.
class ChaCha20Poly1305 final {
 public:
  using Nonce = std::array<std::byte, 12>;
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kTagSize = 16;

  /// `key` is 32 bytes.
  explicit ChaCha20Poly1305(const Secret& key);

  /// Writes the ciphertext and its tag: `out` is 16 bytes longer than `text`.
  void seal(const Nonce& nonce, ByteView text, ByteSpan out);
  /// Writes the text of a `sealed` of at least 16 bytes: `out` is 16 bytes shorter. False where it
  /// is not authentic; then `out` is wiped.
  [[nodiscard]] bool open(const Nonce& nonce, ByteView sealed, ByteSpan out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  void start(const Nonce& nonce, bool sealing);
  bool run(ByteView in, ByteSpan out);

  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace pgseal::crypto
