#pragma once
// The three shapes in which data moves: a source is read, a transform changes, a sink takes.

#include <cstddef>
#include <stop_token>

#include "base/bytes.h"

namespace pgseal {

/// Something that is read to its end. One thread at a time.
class Source {
 public:
  virtual ~Source() = default;
  /// Fills the beginning of `out` and returns how many bytes; 0 only at the end. Throws Error.
  [[nodiscard]] virtual std::size_t read(ByteSpan out) = 0;
};

/// Something that takes bytes and publishes them in `finish()`. One thread at a time.
/// A sink that is destroyed before `finish()` returned publishes nothing and leaves nothing behind;
/// its destructor never throws.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(ByteView bytes) = 0;
  virtual void finish() = 0;
};

/// A codec without I/O: whoever drives it owns the buffers. One thread at a time.
class Transform {
 public:
  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };
  virtual ~Transform() = default;
  /// Takes from the beginning of `in`, writes to the beginning of `out`. Where `out` is not full
  /// afterwards, all of `in` was consumed.
  virtual Progress update(ByteView in, ByteSpan out) = 0;
  /// After all input: writes what is left to `out` and returns how much; 0 means done. Throws where
  /// the input was truncated.
  virtual std::size_t finish(ByteSpan out) = 0;
};

/// Reads `source` through `transform`. Neither is owned.
class TransformSource final : public Source {
 public:
  TransformSource(Source& source, Transform& transform, std::size_t buffer_size = 256 * kKiB)
      : source_(source), transform_(transform), buffer_(buffer_size) {}
  std::size_t read(ByteSpan out) override;

 private:
  Source& source_;
  Transform& transform_;
  Bytes buffer_;
  ByteView pending_;
  bool at_end_ = false;
};

/// Writes through `transform` to `sink`. Neither is owned; `finish()` ends the transform and leaves
/// the sink open, since publishing is for whoever owns it.
class TransformSink final : public Sink {
 public:
  TransformSink(Transform& transform, Sink& sink, std::size_t buffer_size = 256 * kKiB)
      : transform_(transform), sink_(sink), buffer_(buffer_size) {}
  void write(ByteView bytes) override;
  void finish() override;

 private:
  Transform& transform_;
  Sink& sink_;
  Bytes buffer_;
};

/// A source over bytes that somebody else keeps.
class ByteSource final : public Source {
 public:
  explicit ByteSource(ByteView bytes) : rest_(bytes) {}
  std::size_t read(ByteSpan out) override;

 private:
  ByteView rest_;
};

/// A sink into bytes that somebody else keeps; appends.
class ByteSink final : public Sink {
 public:
  explicit ByteSink(Bytes& out) : out_(out) {}
  void write(ByteView bytes) override { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void finish() override {}

 private:
  Bytes& out_;
};

/// All that `transform` makes of `content`.
[[nodiscard]] Bytes transformed(ByteView content, Transform& transform);

/// Reads to the end, for what reading proves. Throws Cancelled where `stop` was requested.
void read_to_end(Source& source, const std::stop_token& stop);

/// Reads to the end, at most `limit` bytes; more is an Error naming `what`.
[[nodiscard]] Bytes read_all(Source& source, std::size_t limit, const char* what);

}  // namespace pgseal
