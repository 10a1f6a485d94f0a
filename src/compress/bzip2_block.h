#pragma once
// One bzip2 block at a time, so that blocks can be compressed side by side, and their joining into
// one stream.
//
// A bzip2 stream is "BZh9", blocks that depend on nothing before them and end at any bit, and a
// trailer. libbz2 makes a whole stream of each piece of input; here a piece is chosen so that it
// fills one block, the block's bits are cut out of that stream, and Bzip2Joiner puts them one
// behind the other and computes the trailer. The result is a single stream, as stock bzip2 would
// write.

#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace pgseal::compress {

/// Most bytes of input that one block takes.
inline constexpr std::size_t kBzip2BlockInput = 899'900;

/// How many bytes from the beginning of `input` fill at most one block. bzip2's first step writes a
/// run of 4 to 255 equal bytes as five, so that some inputs grow. Returns 0 for an empty input
/// only.
[[nodiscard]] std::size_t bzip2_block_length(ByteView input);

/// The bits of one compressed block, from its magic number to before the stream's trailer.
struct Bzip2Block {
  Bytes bytes;            ///< the bits, most significant first; starts at bit 0
  std::size_t bits = 0;   ///< how many of them belong to the block
  std::uint32_t crc = 0;  ///< the block's checksum, as bzip2 computes it
};

/// Compresses blocks, one after the other. Keeps libbz2's 8 MiB of memory between blocks: to return
/// them to the system and fault them in again for each block costs a fifth of all time
/// (bench/codecs_bench.cpp). One thread at a time.
class Bzip2BlockCompressor final {
 public:
  Bzip2BlockCompressor();
  ~Bzip2BlockCompressor();
  /// `input` must not be longer than its own `bzip2_block_length()`, nor empty.
  [[nodiscard]] Bzip2Block compress(ByteView input);

 private:
  class Memory;
  std::unique_ptr<Memory> memory_;
};

/// Joins blocks into one stream. One thread at a time.
class Bzip2Joiner final {
 public:
  /// Appends whole bytes of the stream so far to `out`.
  void add(const Bzip2Block& block, Bytes& out);
  /// Appends the rest: the trailer, and for a stream without blocks all of it.
  void finish(Bytes& out);

 private:
  void put(std::uint64_t value, int bits, Bytes& out);

  std::uint32_t combined_crc_ = 0;
  std::uint32_t pending_ = 0;  // bits not yet in `out`, in the low `pending_bits_` bits
  int pending_bits_ = 0;       // always below 8 between calls
  bool started_ = false;
};

}  // namespace pgseal::compress
