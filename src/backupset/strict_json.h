#pragma once
// JSON from a place that anybody may have written to, read without surprises.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace pgseal::backupset {

/// Counts and sizes end here, where JSON programs still agree on integers.
inline constexpr std::uint64_t kMaxJsonNumber = (1ull << 53) - 1;
/// The largest object of S3, 5 TiB: no part of a backup is larger, and sums do not overflow.
inline constexpr std::uint64_t kMaxObjectSize = 5ull << 40;

/// A value and how one gets to it, for messages. It refers to the value and to the reader it came
/// from: both must outlive it. All errors are of `Exit::verification`:
/// `cannot read the manifest: "objects[3].size" is no number from 0 to 9007199254740991`.
class JsonReader final {
 public:
  /// `document` is what messages call the whole: "manifest".
  JsonReader(const Json& value, const char* document) : value_(value), document_(document) {}

  /// A member of an object; throws where it is missing.
  [[nodiscard]] JsonReader member(const char* name) const;
  /// Throws where this is no object, or one with a member that is not among `names`.
  void require_only(std::initializer_list<std::string_view> names) const;
  /// Throws where this is no array.
  [[nodiscard]] std::size_t size() const;
  /// Throws where this is no array of `size` elements.
  void require_size(std::size_t size) const;
  /// An element of an array of more than `index`.
  [[nodiscard]] JsonReader element(std::size_t index) const;

  [[nodiscard]] bool is_null() const { return value_.is_null(); }
  [[nodiscard]] std::uint64_t number(std::uint64_t max = kMaxJsonNumber) const;
  [[nodiscard]] const std::string& string() const;
  /// What `text_to_json` wrote.
  [[nodiscard]] std::string text() const;

  /// What `format_utc` wrote.
  [[nodiscard]] TimePoint time() const;

  /// `throw reader.fail("is no time")`.
  [[nodiscard]] Error fail(const std::string& why) const;

 private:
  JsonReader(const Json& value, const JsonReader& parent, const char* name, std::size_t index)
      : value_(value), document_(parent.document_), parent_(&parent), name_(name), index_(index) {}
  [[nodiscard]] std::string path() const;

  const Json& value_;
  const char* document_;
  const JsonReader* parent_ = nullptr;
  const char* name_ = nullptr;  // null for an element
  std::size_t index_ = 0;
};

/// Parses UTF-8 JSON text. Refuses, naming `document`: a member that an object has twice, nesting
/// beyond 8 levels, fractions and numbers beyond 64 bits.
[[nodiscard]] Json parse_strict_json(std::string_view text, const char* document);
/// Throws unless `json` has these members "format" and "version". A newer version is named, with a
/// hint.
void require_format(const JsonReader& json, std::string_view format, std::uint64_t version);

/// Text of a database, whose encoding may be any: a string, or {"hex": "..."} where it is not
/// UTF-8.
[[nodiscard]] Json text_to_json(const std::string& text);
[[nodiscard]] bool is_utf8(std::string_view text);
/// Whether `text` is `digits` lower-case hexadecimal digits.
[[nodiscard]] bool is_lower_hex(std::string_view text, std::size_t digits);

}  // namespace pgseal::backupset
