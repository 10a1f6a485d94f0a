#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "crypto/age.h"
#include "crypto/age_file.h"

namespace pgseal::crypto {

struct AgeRangeReader::State {
  AgeFileHead head;
  std::uint64_t chunks = 0;
  std::uint64_t plaintext_size = 0;
};

namespace {

/// Chunks by number, from `first` to before `end`; of a range that is not empty.
struct Chunks {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

Chunks chunks_of(std::uint64_t offset, std::uint64_t size) {
  return {offset / kAgeChunkSize, (offset + size - 1) / kAgeChunkSize + 1};
}

}  // namespace

std::optional<AgeRangeReader> AgeRangeReader::open(ByteView head, std::uint64_t file_size,
                                                   const std::vector<AgeIdentity>& identities) {
  auto opened = AgeFileHead::open(head, identities);
  if (!opened) {
    if (head.size() < file_size) return std::nullopt;
    throw Error(Exit::verification, "the age file is truncated: it ends within its header");
  }
  const std::uint64_t sealed = file_size - std::min<std::uint64_t>(file_size, opened->size);
  const std::uint64_t chunks = (sealed + kAgeSealedChunkSize - 1) / kAgeSealedChunkSize;
  const std::uint64_t last = sealed - (chunks == 0 ? 0 : chunks - 1) * kAgeSealedChunkSize;
  if (last < ChaCha20Poly1305::kTagSize || (chunks > 1 && last == ChaCha20Poly1305::kTagSize)) {
    throw Error(Exit::verification, "the age file is truncated");
  }
  return AgeRangeReader(std::make_shared<const State>(
      State{std::move(*opened), chunks, sealed - chunks * ChaCha20Poly1305::kTagSize}));
}

std::uint64_t AgeRangeReader::plaintext_size() const { return state_->plaintext_size; }

AgeRangeReader::Range AgeRangeReader::encrypted_range(std::uint64_t offset,
                                                      std::uint64_t size) const {
  if (offset > state_->plaintext_size || size > state_->plaintext_size - offset) {
    throw Error(Exit::verification, format("cannot read {} bytes at {}: the age file has {} in all",
                                           size, offset, state_->plaintext_size));
  }
  if (size == 0) return {state_->head.size, 0};
  const auto [first, end] = chunks_of(offset, size);
  const std::uint64_t plain_end = std::min(end * kAgeChunkSize, state_->plaintext_size);
  return {state_->head.size + first * kAgeSealedChunkSize,
          plain_end - first * kAgeChunkSize + (end - first) * ChaCha20Poly1305::kTagSize};
}

Bytes AgeRangeReader::decrypt(std::uint64_t offset, std::uint64_t size, ByteView encrypted) const {
  if (encrypted.size() != encrypted_range(offset, size).size) {
    throw Error(Exit::verification, format("cannot read {} bytes at {} of the age file: got {} "
                                           "encrypted bytes",
                                           size, offset, encrypted.size()));
  }
  if (size == 0) return {};
  const Chunks chunks = chunks_of(offset, size);
  AgeChunkCipher cipher(state_->head.payload_key);
  Bytes plain(encrypted.size() - (chunks.end - chunks.first) * ChaCha20Poly1305::kTagSize);
  ByteSpan out(plain);
  for (std::uint64_t i = chunks.first; i < chunks.end; ++i) {
    const ByteView sealed = encrypted.first(std::min(encrypted.size(), kAgeSealedChunkSize));
    const std::size_t n = sealed.size() - ChaCha20Poly1305::kTagSize;
    // The last one by the file's size must also be sealed as the last.
    cipher.open(i, i + 1 == state_->chunks, sealed, out.first(n));
    encrypted = encrypted.subspan(sealed.size());
    out = out.subspan(n);
  }
  const std::uint64_t before = offset - chunks.first * kAgeChunkSize;
  plain.erase(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(before));
  plain.resize(size);
  return plain;
}

}  // namespace pgseal::crypto
