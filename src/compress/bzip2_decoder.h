#pragma once
// bzip2 decompression.

#include <memory>

#include "base/stream.h"

namespace pgseal::compress {

/// Decompresses one or several bzip2 streams, one behind the other. Damaged or truncated input and
/// bytes that are no stream are Errors of `Exit::verification`.
class Bzip2Decoder final : public Transform {
 public:
  Bzip2Decoder();
  ~Bzip2Decoder() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pgseal::compress
