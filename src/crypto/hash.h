#pragma once
// SHA-256, HMAC and HKDF over it, MD5, random bytes, base64: libcrypto's, as values.

#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace pgseal::crypto {

using Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) of a stream. One thread at a time.
class Sha256 final {
 public:
  Sha256();
  void update(ByteView bytes);
  /// The digest of all so far; the object starts anew.
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] Digest sha256(ByteView bytes);
/// MD5 (RFC 1321), against accidents only. Throws Error where this machine's policy forbids it.
[[nodiscard]] std::array<std::byte, 16> md5(ByteView bytes);
/// HMAC-SHA256 (RFC 2104).
[[nodiscard]] Digest hmac_sha256(ByteView key, ByteView message);
/// HKDF-SHA256 (RFC 5869), extract and expand, 32 bytes.
[[nodiscard]] Digest hkdf_sha256(ByteView secret, ByteView salt, ByteView info);
/// Compares in time that does not depend on the contents.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);
/// Bytes from the operating system's generator.
void random_bytes(ByteSpan out);

/// Base64 (RFC 4648) in one line, padded.
[[nodiscard]] std::string to_base64(ByteView bytes);

}  // namespace pgseal::crypto
