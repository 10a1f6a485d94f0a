#include "compress/zstd.h"

#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_estimateCStreamSize, which the library exports
#include <zstd.h>

#include <utility>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::compress {

struct ZstdEncoder::State {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  bool frame_ended = false;

  void set(ZSTD_cParameter parameter, int value) const {
    const std::size_t result = ZSTD_CCtx_setParameter(context.get(), parameter, value);
    if (ZSTD_isError(result)) {
      throw Error(Exit::internal,
                  format("cannot start zstd compression: {}", ZSTD_getErrorName(result)));
    }
  }

  /// Returns how much libzstd holds back, 0 where nothing.
  std::size_t step(ZSTD_inBuffer& input, ZSTD_outBuffer& output, ZSTD_EndDirective directive) {
    const std::size_t left = ZSTD_compressStream2(context.get(), &output, &input, directive);
    if (ZSTD_isError(left)) {
      throw Error(Exit::internal, format("cannot compress: {}", ZSTD_getErrorName(left)));
    }
    return left;
  }
};

ZstdEncoder::ZstdEncoder(int level) : state_(std::make_unique<State>()) {
  if (level < kMinZstdLevel || level > kMaxZstdLevel) {
    throw Error(Exit::usage, format("the zstd level is {}, and must be from {} to {}", level,
                                    kMinZstdLevel, kMaxZstdLevel));
  }
  if (!state_->context) throw Error(Exit::internal, "cannot start zstd compression: no memory");
  state_->set(ZSTD_c_compressionLevel, level);
  state_->set(ZSTD_c_checksumFlag, 1);
}

ZstdEncoder::~ZstdEncoder() = default;

Transform::Progress ZstdEncoder::update(ByteView in, ByteSpan out) {
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  state_->frame_ended = false;
  while (input.pos < input.size && output.pos < output.size) {
    state_->step(input, output, ZSTD_e_continue);
  }
  return {input.pos, output.pos};
}

std::size_t ZstdEncoder::finish(ByteSpan out) {
  // The frame's last bytes may have gone out without filling the output. To ask libzstd again would
  // begin a frame.
  if (std::exchange(state_->frame_ended, false)) return 0;
  ZSTD_inBuffer input{nullptr, 0, 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  while (!state_->frame_ended && output.pos < output.size) {
    state_->frame_ended = state_->step(input, output, ZSTD_e_end) == 0;
  }
  return output.pos;
}

struct ZstdDecoder::State {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  bool inside = false;   // between a frame's beginning and its end
  bool had_one = false;  // at least one frame ended
  bool holds = false;    // libzstd may have output that did not fit
};

ZstdDecoder::ZstdDecoder() : state_(std::make_unique<State>()) {
  if (!state_->context || ZSTD_isError(ZSTD_DCtx_setParameter(
                              state_->context.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog))) {
    throw Error(Exit::internal, "cannot start zstd decompression");
  }
}

ZstdDecoder::~ZstdDecoder() = default;

Transform::Progress ZstdDecoder::update(ByteView in, ByteSpan out) {
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  while (output.pos < output.size && (input.pos < input.size || state_->holds)) {
    const std::size_t left = ZSTD_decompressStream(state_->context.get(), &output, &input);
    if (ZSTD_isError(left)) {
      throw Error(Exit::verification,
                  format("cannot decompress: damaged zstd data ({})", ZSTD_getErrorName(left)));
    }
    state_->inside = left != 0;
    if (left == 0) state_->had_one = true;
    state_->holds = state_->inside && output.pos == output.size;
  }
  return {input.pos, output.pos};
}

std::size_t ZstdDecoder::finish(ByteSpan out) {
  const std::size_t produced = update({}, out).produced;
  if (produced == 0 && (state_->inside || !state_->had_one)) {
    throw Error(Exit::verification, "cannot decompress: zstd data ends too early");
  }
  return produced;
}

std::size_t zstd_encoder_memory(int level) { return ZSTD_estimateCStreamSize(level); }

std::size_t zstd_bound(std::size_t input) { return ZSTD_compressBound(input); }

}  // namespace pgseal::compress
