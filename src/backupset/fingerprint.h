#pragma once
// Fingerprints of what a table holds, whatever the order of its rows.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pgseal::backupset {

/// A multiset of rows as 128 bits: the sum, modulo 2^128, of XXH3-128 (seed 0) of each row's COPY
/// text without its newline. Written as 32 hex digits, most significant first. Good against
/// accidents, not against an adversary: that is what encryption and signature are for.
class RowsFingerprint final {
 public:
  RowsFingerprint() = default;
  void add(ByteView row);
  void add(const RowsFingerprint& other);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::string hex() const;
  bool operator==(const RowsFingerprint&) const = default;

  /// From a count and what `hex()` gave; nothing where `hex` is no such text, or no rows have a
  /// sum.
  [[nodiscard]] static std::optional<RowsFingerprint> from(std::uint64_t rows,
                                                           std::string_view hex);

 private:
  RowsFingerprint(std::uint64_t rows, std::uint64_t high, std::uint64_t low)
      : rows_(rows), high_(high), low_(low) {}
  std::uint64_t rows_ = 0, high_ = 0, low_ = 0;
};

/// XXH3-128 (seed 0) of a stream, as 32 hex digits: the fingerprint of a large object.
class ContentFingerprint final {
 public:
  ContentFingerprint();
  ContentFingerprint(const ContentFingerprint&) = delete;
  ContentFingerprint& operator=(const ContentFingerprint&) = delete;
  ~ContentFingerprint();
  void add(ByteView bytes);
  /// Of all so far; the object starts anew.
  [[nodiscard]] std::string finish();
  /// Whether `text` has the form of one.
  [[nodiscard]] static bool is_hex(std::string_view text);

 private:
  void* state_;
};

}  // namespace pgseal::backupset
