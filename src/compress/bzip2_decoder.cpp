#include "compress/bzip2_decoder.h"

#include <bzlib.h>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::compress {

struct Bzip2Decoder::State {
  bz_stream stream{};
  bool inside = false;   // between a stream's beginning and its end
  bool had_one = false;  // at least one stream ended

  State() { begin(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { BZ2_bzDecompressEnd(&stream); }

  void begin() {
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
      throw Error(Exit::internal, "cannot start bzip2 decompression");
    }
  }
};

Bzip2Decoder::Bzip2Decoder() : state_(std::make_unique<State>()) {}
Bzip2Decoder::~Bzip2Decoder() = default;

Transform::Progress Bzip2Decoder::update(ByteView in, ByteSpan out) {
  bz_stream& s = state_->stream;
  s.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
  s.avail_in = static_cast<unsigned>(in.size());
  s.next_out = reinterpret_cast<char*>(out.data());
  s.avail_out = static_cast<unsigned>(out.size());
  while (s.avail_out > 0) {
    // libbz2 has output left over even where all input is taken, so it is asked inside a stream.
    if (s.avail_in == 0 && !state_->inside) break;
    state_->inside = true;
    const unsigned in_before = s.avail_in;
    const unsigned out_before = s.avail_out;
    const int result = BZ2_bzDecompress(&s);
    if (result == BZ_STREAM_END) {
      bz_stream rest = s;
      BZ2_bzDecompressEnd(&s);
      state_->begin();
      s.next_in = rest.next_in;
      s.avail_in = rest.avail_in;
      s.next_out = rest.next_out;
      s.avail_out = rest.avail_out;
      state_->inside = false;
      state_->had_one = true;
    } else if (result != BZ_OK) {
      throw Error(Exit::verification,
                  result == BZ_DATA_ERROR_MAGIC
                      ? std::string("cannot decompress: not bzip2 data")
                      : format("cannot decompress: damaged bzip2 data (libbz2 error {})", result));
    } else if (s.avail_in == in_before && s.avail_out == out_before) {
      break;  // needs more input
    }
  }
  return {in.size() - s.avail_in, out.size() - s.avail_out};
}

std::size_t Bzip2Decoder::finish(ByteSpan out) {
  const auto [consumed, produced] = update({}, out);
  if (produced == 0 && (state_->inside || !state_->had_one)) {
    throw Error(Exit::verification, "cannot decompress: bzip2 data ends too early");
  }
  return produced;
}

}  // namespace pgseal::compress
