#pragma once
// The payload of an age file: chunks of 64 KiB, each sealed under its number and whether it is the
// last. Source: C2SP age, "Payload".

#include <cstdint>

#include "base/secret.h"
#include "base/stream.h"
#include "crypto/chacha20_poly1305.h"

namespace pgseal::crypto {

inline constexpr std::size_t kAgeNonceSize = 16;
inline constexpr std::size_t kAgeChunkSize = 64 * kKiB;
inline constexpr std::size_t kAgeSealedChunkSize = kAgeChunkSize + ChaCha20Poly1305::kTagSize;

/// The key of all chunks; `nonce` is what stands between header and chunks.
[[nodiscard]] Secret derive_payload_key(const Secret& file_key, ByteView nonce);

/// Seals and opens single chunks. One thread at a time.
class AgeChunkCipher final {
 public:
  explicit AgeChunkCipher(const Secret& payload_key) : cipher_(payload_key) {}

  /// `out` is 16 bytes longer than `chunk`.
  void seal(std::uint64_t index, bool last, ByteView chunk, ByteSpan out);
  /// `out` is 16 bytes shorter than `sealed`. Throws Error of `Exit::verification` where the chunk
  /// was changed, is another one, is not the last or is; where it is too short for one; and where
  /// it is empty although others come before it.
  void open(std::uint64_t index, bool last, ByteView sealed, ByteSpan out);

 private:
  ChaCha20Poly1305 cipher_;
};

/// The payload as a stream, either way. Whole chunks go straight from the input to the output where
/// there is room.
class AgeStream final : public Transform {
 public:
  enum class Direction { encrypt, decrypt };
  AgeStream(const Secret& payload_key, Direction direction);
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  std::size_t pass(ByteView chunk, bool last, ByteSpan out);
  std::size_t change(ByteView chunk, bool last, ByteSpan out);
  std::size_t take_ready(ByteSpan out);

  AgeChunkCipher cipher_;
  Direction direction_;
  std::uint64_t index_ = 0;
  Bytes chunk_;  // input of one chunk, until it is known whether more follows
  std::size_t filled_ = 0;
  Bytes ready_;  // output of one chunk that found no room
  std::size_t ready_at_ = 0, ready_end_ = 0;
  bool finished_ = false;
};

}  // namespace pgseal::crypto
