#include "base/stream.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

std::size_t TransformSource::read(ByteSpan out) {
  while (!at_end_ || !pending_.empty()) {
    if (pending_.empty()) {
      const std::size_t n = source_.read(buffer_);
      pending_ = ByteView(buffer_).first(n);
      if (n == 0) {
        at_end_ = true;
        break;
      }
    }
    const auto [consumed, produced] = transform_.update(pending_, out);
    pending_ = pending_.subspan(consumed);
    if (produced > 0) return produced;
  }
  return transform_.finish(out);
}

void TransformSink::write(ByteView bytes) {
  std::size_t produced = 0;
  do {
    const auto progress = transform_.update(bytes, buffer_);
    bytes = bytes.subspan(progress.consumed);
    produced = progress.produced;
    if (produced > 0) sink_.write(ByteView(buffer_).first(produced));
  } while (!bytes.empty() || produced == buffer_.size());
}

void TransformSink::finish() {
  while (const std::size_t n = transform_.finish(buffer_)) sink_.write(ByteView(buffer_).first(n));
}

std::size_t ByteSource::read(ByteSpan out) {
  const std::size_t n = std::min(out.size(), rest_.size());
  std::copy_n(rest_.begin(), n, out.begin());
  rest_ = rest_.subspan(n);
  return n;
}

Bytes transformed(ByteView content, Transform& transform) {
  Bytes result;
  ByteSink sink(result);
  TransformSink out(transform, sink);
  out.write(content);
  out.finish();
  return result;
}

void read_to_end(Source& source, const std::stop_token& stop) {
  Bytes buffer(256 * kKiB);
  while (source.read(buffer) > 0) {
    if (stop.stop_requested()) throw Cancelled();
  }
}

Bytes read_all(Source& source, std::size_t limit, const char* what) {
  Bytes all;
  Bytes buffer(64 * kKiB);
  while (const std::size_t n = source.read(buffer)) {
    if (all.size() + n > limit) {
      throw Error(Exit::verification, format("{} is larger than {} bytes", what, limit));
    }
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

}  // namespace pgseal
