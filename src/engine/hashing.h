#pragma once
// A sink and a source that remember what went through them.

#include "backupset/classic_manifest.h"
#include "base/stream.h"
#include "crypto/hashed_source.h"
#include "engine/progress.h"

namespace pgseal::engine {

/// Passes everything on to `sink`, counts it and computes its SHA-256. Does not own `sink`.
class HashingSink final : public Sink {
 public:
  HashingSink(Sink& sink, std::atomic<std::uint64_t>& counter) : sink_(sink), counter_(counter) {}

  void write(ByteView bytes) override {
    sink_.write(bytes);
    hash_.update(bytes);
    size_ += bytes.size();
    counter_ += bytes.size();
  }
  void finish() override { sink_.finish(); }

  /// Of all that was written, to be called once.
  [[nodiscard]] backupset::ClassicObject object(std::string name) {
    return {.name = std::move(name), .size = size_, .sha256 = to_hex(hash_.finish())};
  }

 private:
  Sink& sink_;
  std::atomic<std::uint64_t>& counter_;
  crypto::Sha256 hash_;
  std::uint64_t size_ = 0;
};

/// The same for reading.
class HashingSource final : public Source {
 public:
  HashingSource(Source& source, std::atomic<std::uint64_t>& counter)
      : hashed_(source), counter_(counter) {}

  std::size_t read(ByteSpan out) override {
    const std::size_t n = hashed_.read(out);
    counter_ += n;
    return n;
  }

  /// Of all that was read, to be called once.
  [[nodiscard]] backupset::ClassicObject object(std::string name) {
    return {.name = std::move(name), .size = hashed_.size(), .sha256 = to_hex(hashed_.sha256())};
  }

 private:
  crypto::HashedSource hashed_;
  std::atomic<std::uint64_t>& counter_;
};

}  // namespace pgseal::engine
