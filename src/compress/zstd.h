#pragma once
// Zstandard frames (RFC 8878).

#include <memory>

#include "base/stream.h"

namespace pgseal::compress {

inline constexpr int kMinZstdLevel = 1;
inline constexpr int kMaxZstdLevel = 19;
/// Decoding refuses frames that ask for more memory, 2^27 bytes, as the zstd program does.
inline constexpr int kMaxZstdWindowLog = 27;

/// Makes one frame after the other, each with a checksum of its content. Keeps libzstd's memory
/// between frames. One thread at a time.
class ZstdEncoder final : public Transform {
 public:
  explicit ZstdEncoder(int level);
  ~ZstdEncoder() override;
  Progress update(ByteView in, ByteSpan out) override;
  /// Ends the frame; after it returned 0 the next `update()` begins another.
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decodes frames, one behind the other. Damaged or truncated input and bytes that are no frame are
/// Errors of `Exit::verification`.
class ZstdDecoder final : public Transform {
 public:
  ZstdDecoder();
  ~ZstdDecoder() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bytes of memory that an encoder of this level takes.
[[nodiscard]] std::size_t zstd_encoder_memory(int level);

/// What this many bytes of input may grow to at the most, with the frame around them.
[[nodiscard]] std::size_t zstd_bound(std::size_t input);

}  // namespace pgseal::compress
