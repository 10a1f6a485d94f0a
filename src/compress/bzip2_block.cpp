#include "compress/bzip2_block.h"

#include <bzlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::compress {

namespace {

constexpr int kLevel = 9;
constexpr std::size_t kHeaderBytes = 4;  // "BZh9"
constexpr std::size_t kBlockCrcAt = 10;  // after the header and the block's six bytes of magic
constexpr std::size_t kTrailerBits = 80;
constexpr std::uint64_t kTrailerMagic = 0x177245385090;  // 48 bits

/// libbz2 closes a block at 900,000 - 19 bytes after its first step; below this it cannot.
constexpr std::size_t kMaxExpanded = 899'960;

constexpr std::size_t kMinRun = 4, kMaxRun = 255, kRunCode = 5;

bool has_zero_byte(std::uint64_t word) {
  return ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0;
}

std::uint64_t word_at(const std::byte* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

/// Where the first run of four equal bytes at or after `from` begins; the size where there is none.
std::size_t find_run(ByteView in, std::size_t from) {
  const std::byte* p = in.data();
  std::size_t i = from;
  // Eight positions at once: a byte of the word is zero where it equals its three successors.
  for (; i + 8 + kMinRun <= in.size(); i += 8) {
    const std::uint64_t first = word_at(p + i);
    if (has_zero_byte((first ^ word_at(p + i + 1)) | (first ^ word_at(p + i + 2)) |
                      (first ^ word_at(p + i + 3)))) {
      break;
    }
  }
  for (; i + kMinRun <= in.size(); ++i) {
    if (p[i] == p[i + 1] && p[i] == p[i + 2] && p[i] == p[i + 3]) return i;
  }
  return in.size();
}

/// `count` bits, at most 57, that begin at bit `at`.
std::uint64_t bits_at(ByteView bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    const std::size_t bit = at + static_cast<std::size_t>(i);
    const auto byte = std::to_integer<unsigned>(bytes[bit / 8]);
    value = value << 1 | (byte >> (7 - bit % 8) & 1);
  }
  return value;
}

/// Where the trailer begins in a stream of one block, in bits from the stream's beginning. The
/// stream is padded with 0 to 7 zero bits, and does not say how many. The trailer's magic number
/// shifted by less than eight bits never equals itself where both overlap, so only one place fits.
std::size_t find_trailer(ByteView stream, std::uint32_t crc) {
  for (std::size_t padding = 0; padding < 8; ++padding) {
    const std::size_t at = stream.size() * 8 - padding - kTrailerBits;
    if (bits_at(stream, at, 48) == kTrailerMagic && bits_at(stream, at + 48, 32) == crc &&
        bits_at(stream, at + kTrailerBits, static_cast<int>(padding)) == 0) {
      return at;
    }
  }
  throw Error(Exit::internal, "cannot cut a bzip2 stream: not exactly one block in it");
}

}  // namespace

std::size_t bzip2_block_length(ByteView input) {
  const ByteView in = input.first(std::min(input.size(), kBzip2BlockInput));
  std::size_t expanded = 0;
  std::size_t at = 0;
  while (at < in.size()) {
    const std::size_t run = find_run(in, at);
    if (expanded + (run - at) > kMaxExpanded) return at + (kMaxExpanded - expanded);
    expanded += run - at;
    at = run;
    if (at == in.size()) break;
    if (expanded + kRunCode > kMaxExpanded) break;
    std::size_t length = kMinRun;
    while (length < kMaxRun && at + length < in.size() && in[at + length] == in[at]) ++length;
    expanded += kRunCode;
    at += length;
  }
  return at;
}

/// Gives libbz2 its memory, and keeps what it gives back for the next block, which asks for the
/// same.
class Bzip2BlockCompressor::Memory final {
 public:
  Memory() { pieces_.reserve(kPieces); }

  void lend_to(bz_stream& stream) {
    stream.opaque = this;
    stream.bzalloc = [](void* self, int items, int size) -> void* {
      return static_cast<Memory*>(self)->take(static_cast<std::size_t>(items) *
                                              static_cast<std::size_t>(size));
    };
    stream.bzfree = [](void* self, void* piece) { static_cast<Memory*>(self)->give_back(piece); };
  }

 private:
  static constexpr std::size_t kPieces = 16;  // libbz2 asks for four

  struct Piece {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    bool taken = false;
  };

  void* take(std::size_t size) {
    for (Piece& piece : pieces_) {
      if (piece.taken || piece.size != size) continue;
      piece.taken = true;
      return piece.bytes.get();
    }
    // An exception may not pass through libbz2, so nothing here may throw.
    auto bytes = std::unique_ptr<std::byte[]>(new (std::nothrow) std::byte[size]);
    if (bytes == nullptr || pieces_.size() == kPieces) return nullptr;
    return pieces_.emplace_back(Piece{std::move(bytes), size, true}).bytes.get();
  }

  void give_back(void* bytes) {
    for (Piece& piece : pieces_) {
      if (piece.bytes.get() == bytes) piece.taken = false;
    }
  }

  std::vector<Piece> pieces_;
};

Bzip2BlockCompressor::Bzip2BlockCompressor() : memory_(std::make_unique<Memory>()) {}
Bzip2BlockCompressor::~Bzip2BlockCompressor() = default;

Bzip2Block Bzip2BlockCompressor::compress(ByteView input) {
  // libbz2's manual: output needs at most 1 % more than the input plus 600 bytes.
  Bytes stream(input.size() + input.size() / 100 + 600);
  bz_stream state{};
  memory_->lend_to(state);
  int result = BZ2_bzCompressInit(&state, kLevel, 0, 0);
  if (result == BZ_OK) {
    state.next_in = const_cast<char*>(reinterpret_cast<const char*>(input.data()));
    state.avail_in = static_cast<unsigned>(input.size());
    state.next_out = reinterpret_cast<char*>(stream.data());
    state.avail_out = static_cast<unsigned>(stream.size());
    result = BZ2_bzCompress(&state, BZ_FINISH);
    BZ2_bzCompressEnd(&state);
  }
  if (result != BZ_STREAM_END) {
    throw Error(Exit::internal, format("cannot compress with bzip2: libbz2 error {}", result));
  }
  stream.resize(stream.size() - state.avail_out);
  const auto crc = static_cast<std::uint32_t>(bits_at(stream, kBlockCrcAt * 8, 32));
  const std::size_t trailer = find_trailer(stream, crc);
  stream.erase(stream.begin(), stream.begin() + kHeaderBytes);
  return {.bytes = std::move(stream), .bits = trailer - kHeaderBytes * 8, .crc = crc};
}

void Bzip2Joiner::put(std::uint64_t value, int bits, Bytes& out) {
  for (int i = bits - 1; i >= 0; --i) {
    pending_ = pending_ << 1 | static_cast<std::uint32_t>(value >> i & 1);
    if (++pending_bits_ == 8) {
      out.push_back(static_cast<std::byte>(pending_));
      pending_ = 0;
      pending_bits_ = 0;
    }
  }
}

void Bzip2Joiner::add(const Bzip2Block& block, Bytes& out) {
  if (!started_) put(0x425A6839, 32, out);  // "BZh9"
  started_ = true;
  const std::size_t whole = block.bits / 8;
  const std::size_t begin = out.size();
  out.resize(begin + whole);
  std::uint32_t carry = pending_;
  for (std::size_t i = 0; i < whole; ++i) {
    carry = carry << 8 | std::to_integer<std::uint32_t>(block.bytes[i]);
    out[begin + i] = static_cast<std::byte>(carry >> pending_bits_);
  }
  pending_ = carry & ((1u << pending_bits_) - 1);
  const int rest = static_cast<int>(block.bits % 8);
  if (rest > 0) put(std::to_integer<unsigned>(block.bytes[whole]) >> (8 - rest), rest, out);
  combined_crc_ = std::rotl(combined_crc_, 1) ^ block.crc;
}

void Bzip2Joiner::finish(Bytes& out) {
  if (!started_) put(0x425A6839, 32, out);
  put(kTrailerMagic, 48, out);
  put(combined_crc_, 32, out);
  if (pending_bits_ > 0) put(0, 8 - pending_bits_, out);
}

}  // namespace pgseal::compress
