#pragma once
// A source that remembers what was read from it.

#include "base/stream.h"
#include "crypto/hash.h"

namespace pgseal::crypto {

/// Passes on what `source` gives, counts it and computes its SHA-256. Does not own it.
class HashedSource final : public Source {
 public:
  explicit HashedSource(Source& source) : source_(source) {}

  [[nodiscard]] std::size_t read(ByteSpan out) override {
    const std::size_t n = source_.read(out);
    hash_.update(ByteView(out).first(n));
    size_ += n;
    return n;
  }

  /// Bytes that were read.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of all that was read, to be called once.
  [[nodiscard]] Digest sha256() { return hash_.finish(); }

 private:
  Source& source_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

}  // namespace pgseal::crypto
