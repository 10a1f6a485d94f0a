#include "crypto/age_stream.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "crypto/age_wrap.h"

namespace pgseal::crypto {

namespace {

/// Eleven bytes of big-endian counter, of which eight suffice for any file, and the last one's
/// flag.
ChaCha20Poly1305::Nonce chunk_nonce(std::uint64_t index, bool last) {
  ChaCha20Poly1305::Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<std::byte>(index >> (8 * i));
  nonce[11] = static_cast<std::byte>(last ? 1 : 0);
  return nonce;
}

}  // namespace

Secret derive_payload_key(const Secret& file_key, ByteView nonce) {
  return derive_age_key(as_bytes(file_key.reveal()), nonce, "payload");
}

void AgeChunkCipher::seal(std::uint64_t index, bool last, ByteView chunk, ByteSpan out) {
  cipher_.seal(chunk_nonce(index, last), chunk, out);
}

void AgeChunkCipher::open(std::uint64_t index, bool last, ByteView sealed, ByteSpan out) {
  if (sealed.size() < ChaCha20Poly1305::kTagSize) {
    throw Error(Exit::verification, "the age file is truncated");
  }
  if (index > 0 && sealed.size() == ChaCha20Poly1305::kTagSize) {
    throw Error(Exit::verification, "malformed age file: its last chunk is empty");
  }
  if (cipher_.open(chunk_nonce(index, last), sealed, out)) return;
  throw Error(Exit::verification,
              format("the age file was changed or truncated: its {}chunk {} is not authentic",
                     last ? "last " : "", index));
}

AgeStream::AgeStream(const Secret& payload_key, Direction direction)
    : cipher_(payload_key),
      direction_(direction),
      chunk_(direction == Direction::encrypt ? kAgeChunkSize : kAgeSealedChunkSize),
      ready_(direction == Direction::encrypt ? kAgeSealedChunkSize : kAgeChunkSize) {}

Transform::Progress AgeStream::update(ByteView in, ByteSpan out) {
  Progress done;
  for (;;) {
    done.produced += take_ready(out.subspan(done.produced));
    if (done.produced == out.size()) return done;
    const ByteView rest = in.subspan(done.consumed);
    if (rest.empty()) return done;
    // A chunk may go once a byte is known to follow it: only the last is sealed as the last.
    if (filled_ == chunk_.size()) {
      done.produced += pass(chunk_, false, out.subspan(done.produced));
      filled_ = 0;
    } else if (filled_ == 0 && rest.size() > chunk_.size()) {
      done.produced += pass(rest.first(chunk_.size()), false, out.subspan(done.produced));
      done.consumed += chunk_.size();
    } else {
      const std::size_t n = std::min(rest.size(), chunk_.size() - filled_);
      std::copy_n(rest.begin(), n, chunk_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += n;
      done.consumed += n;
    }
  }
}

std::size_t AgeStream::finish(ByteSpan out) {
  const std::size_t ready = take_ready(out);
  if (ready > 0 || finished_) return ready;
  finished_ = true;
  return pass(ByteView(chunk_).first(filled_), true, out);
}

/// Changes a chunk, into `out` where that has room for any; what does not fit waits in `ready_`.
std::size_t AgeStream::pass(ByteView chunk, bool last, ByteSpan out) {
  if (out.size() >= ready_.size()) return change(chunk, last, out);
  ready_end_ = change(chunk, last, ready_);
  ready_at_ = 0;
  return take_ready(out);
}

std::size_t AgeStream::change(ByteView chunk, bool last, ByteSpan out) {
  const std::uint64_t index = index_++;
  if (direction_ == Direction::encrypt) {
    const std::size_t size = chunk.size() + ChaCha20Poly1305::kTagSize;
    cipher_.seal(index, last, chunk, out.first(size));
    return size;
  }
  const std::size_t size = chunk.size() - std::min(chunk.size(), ChaCha20Poly1305::kTagSize);
  cipher_.open(index, last, chunk, out.first(size));
  return size;
}

std::size_t AgeStream::take_ready(ByteSpan out) {
  const std::size_t n = std::min(out.size(), ready_end_ - ready_at_);
  std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(ready_at_), n, out.begin());
  ready_at_ += n;
  return n;
}

}  // namespace pgseal::crypto
