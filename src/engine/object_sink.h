#pragma once
// An object while it is made, in memory.

#include <string>
#include <utility>

#include "base/stream.h"
#include "crypto/hash.h"

namespace pgseal::engine {

/// An object that is whole, and its SHA-256.
struct WholeObject {
  std::string key;
  Bytes content;
  crypto::Digest sha256{};
};

/// Keeps the bytes of an object, and hashes them as they come: just then they are in the
/// processor's cache.
class ObjectSink final : public Sink {
 public:
  /// `buffer` is empty, with or without memory of its own.
  explicit ObjectSink(Bytes buffer = {}) : content_(std::move(buffer)) {}

  void write(ByteView bytes) override {
    content_.insert(content_.end(), bytes.begin(), bytes.end());
    hash_.update(bytes);
  }
  void finish() override {}

  /// All that was written, to be called once.
  [[nodiscard]] WholeObject take(std::string key) {
    return {std::move(key), std::move(content_), hash_.finish()};
  }

 private:
  Bytes content_;
  crypto::Sha256 hash_;
};

}  // namespace pgseal::engine
