#include "backupset/strict_json.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

constexpr std::size_t kMaxDepth = 8;

/// A name of whoever wrote the document, without what could deceive a terminal.
std::string escaped(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  return Json(name.substr(0, kLongest)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// Builds the value by itself: the library's own builder takes the last of two equal members.
class StrictBuilder final : public Json::json_sax_t {
 public:
  explicit StrictBuilder(const char* document) : document_(document) {}
  [[nodiscard]] Json take() { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t, const string_t& text) override {
    throw failure(format("{} is a number it cannot have", escaped(text)));
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { throw failure("it has binary content"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      throw failure(format("an object has the member {} twice", escaped(name)));
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    fail_at(position);
  }
  [[noreturn]] void fail_at(std::size_t position) const {
    throw failure(format("it is no JSON at byte {}", position));
  }

 private:
  [[nodiscard]] Error failure(const std::string& why) const {
    return {Exit::verification, format("cannot read the {}: {}", document_, why)};
  }

  Json& place(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& parent = *open_.back();
    if (parent.is_object()) return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (open_.size() == kMaxDepth) throw failure("it is nested too deep");
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const char* document_;
  Json root_;
  std::vector<Json*> open_;  // an array that is open gets no new element, so its own stay in place
  std::string key_;
};

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0 || !is_lower_hex(hex, hex.size())) return std::nullopt;
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string text;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    text += static_cast<char>(value(hex[at]) * 16 + value(hex[at + 1]));
  }
  return text;
}

}  // namespace

Json parse_strict_json(std::string_view text, const char* document) {
  StrictBuilder builder(document);
  // The library takes one for the text's end.
  if (text.find('\0') != text.npos) builder.fail_at(text.find('\0') + 1);
  Json::sax_parse(text, &builder);
  return builder.take();
}

void require_format(const JsonReader& json, std::string_view format_name, std::uint64_t version) {
  const JsonReader name = json.member("format");
  if (name.string() != format_name) {
    throw name.fail(format("is {}, not \"{}\"", escaped(name.string()), format_name));
  }
  const JsonReader number = json.member("version");
  if (const std::uint64_t found = number.number(); found != version) {
    throw number.fail(format("{} is unknown", found)).with_hint("a newer pgseal wrote it");
  }
}

JsonReader JsonReader::member(const char* name) const {
  if (!value_.is_object()) throw fail("is no object");
  const auto found = value_.find(name);
  if (found == value_.end()) throw JsonReader(value_, *this, name, 0).fail("is missing");
  return {*found, *this, name, 0};
}

void JsonReader::require_only(std::initializer_list<std::string_view> names) const {
  if (!value_.is_object()) throw fail("is no object");
  for (const auto& [name, value] : value_.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw fail(format("has the unknown member {}", escaped(name)));
    }
  }
}

std::size_t JsonReader::size() const {
  if (!value_.is_array()) throw fail("is no array");
  return value_.size();
}

void JsonReader::require_size(std::size_t wanted) const {
  if (size() != wanted) throw fail(format("has {} elements, not {}", size(), wanted));
}

JsonReader JsonReader::element(std::size_t index) const {
  return {value_[index], *this, nullptr, index};
}

std::uint64_t JsonReader::number(std::uint64_t max) const {
  if (!value_.is_number_unsigned() || value_.get<std::uint64_t>() > max) {
    throw fail(format("is no number from 0 to {}", max));
  }
  return value_.get<std::uint64_t>();
}

const std::string& JsonReader::string() const {
  if (!value_.is_string()) throw fail("is no string");
  return value_.get_ref<const std::string&>();
}

std::string JsonReader::text() const {
  if (!value_.is_object()) return string();
  require_only({"hex"});
  const JsonReader hex = member("hex");
  auto text = from_hex(hex.string());
  if (!text || is_utf8(*text)) throw hex.fail("is no hexadecimal form of what is not UTF-8");
  return std::move(*text);
}

TimePoint JsonReader::time() const {
  const auto time = parse_utc(string());
  if (!time || format_utc(*time) != string()) throw fail("is no time");
  return *time;
}

std::string JsonReader::path() const {
  if (parent_ == nullptr) return "";
  const std::string parent = parent_->path();
  if (name_ == nullptr) return format("{}[{}]", parent, index_);
  return parent.empty() ? name_ : parent + "." + name_;
}

Error JsonReader::fail(const std::string& why) const {
  const std::string where = path();
  return {Exit::verification, where.empty()
                                  ? format("cannot read the {}: it {}", document_, why)
                                  : format("cannot read the {}: \"{}\" {}", document_, where, why)};
}

Json text_to_json(const std::string& text) {
  if (is_utf8(text)) return text;
  return {{"hex", to_hex(as_bytes(text))}};
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) -> unsigned {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const unsigned first = byte(0), second = byte(1);
    if (first < 0x80) {
      ++at;
      continue;
    }
    // RFC 3629, section 4: after some first bytes not every second one may come.
    const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || second < low || second > high) return false;
    for (std::size_t i = 2; i < length; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

bool is_lower_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace pgseal::backupset
