#pragma once
// age v1 (age-encryption.org/v1): files that are encrypted to public keys.
//
// Source: C2SP, "age", section by section as named in the headers: keys and stanzas are in
// age_keys.h, the header's text in age_header.h, the payload's chunks in age_stream.h, the form for
// text channels in age_armor.h; here they meet.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/stream.h"
#include "crypto/age_keys.h"

namespace pgseal::crypto {

/// Encrypts to all of `recipients`: header, then payload. One thread at a time.
class AgeEncryptor final : public Transform {
 public:
  /// Throws Error of `Exit::usage` where `recipients` is empty, has so many that the header passes
  /// AgeHeader::kMaxSize, or has a pass phrase that is not the only one.
  explicit AgeEncryptor(const std::vector<AgeRecipient>& recipients);
  ~AgeEncryptor() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What AgeEncryptor makes of `content`. Errors as there.
[[nodiscard]] Bytes age_encrypted(ByteView content, const std::vector<AgeRecipient>& recipients);

/// Decrypts with the first of `identities` that one of the header's stanzas is for; binary only
/// (age_armor.h for the other form). What it puts out is authenticated; that the file is whole is
/// known after `finish()` only. Errors: `Exit::key` where no identity fits; `Exit::verification`
/// for a malformed, changed or truncated file.
class AgeDecryptor final : public Transform {
 public:
  explicit AgeDecryptor(std::vector<AgeIdentity> identities);
  ~AgeDecryptor() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Random access to the payload of an age file ("Payload": chunks of 64 KiB under counters). It
/// does no I/O: the owner reads the ranges of the file that it names.
class AgeRangeReader final {
 public:
  /// A range of bytes of the encrypted file.
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  /// How much of the file's beginning to try first for the constructor.
  static constexpr std::size_t kHeadSize = 4096;

  /// `head` is the file's beginning with the whole header and nonce. Nothing where it is too short
  /// for that. Errors as AgeDecryptor.
  [[nodiscard]] static std::optional<AgeRangeReader> open(
      ByteView head, std::uint64_t file_size, const std::vector<AgeIdentity>& identities);

  /// Bytes of plaintext in the whole file, by `file_size`. Whoever cut the file at a chunk's end
  /// can make it too small, which is noticed only where the last chunk is read.
  [[nodiscard]] std::uint64_t plaintext_size() const;
  /// What of the file holds `size` bytes of plaintext from `offset`: whole chunks. Throws Error of
  /// `Exit::verification` where the range is not within the plaintext.
  [[nodiscard]] Range encrypted_range(std::uint64_t offset, std::uint64_t size) const;
  /// Decrypts what lies in `encrypted_range(offset, size)`. Throws Error of `Exit::verification`
  /// where it was changed or has another length, and where the last chunk is not sealed as the
  /// last.
  [[nodiscard]] Bytes decrypt(std::uint64_t offset, std::uint64_t size, ByteView encrypted) const;

 private:
  struct State;
  explicit AgeRangeReader(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pgseal::crypto
