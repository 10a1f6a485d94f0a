#include "backupset/archive_layout.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/error.h"
#include "base/format.h"
#include "crypto/hash.h"
#include "store/object_store.h"

namespace pgseal::backupset {

namespace {

constexpr std::size_t kTimeLength = std::string_view("20261124T041500Z").size();
constexpr std::size_t kLetters = 8;
constexpr std::string_view kDrillFolder = "drill/";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_plain(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; }

std::optional<TimePoint> parse_basic_utc(std::string_view text) {
  if (text.size() != kTimeLength) return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) { return text.substr(at, size); };
  const auto time = parse_utc(
      format("{}-{}-{}:{}:{}", part(0, 4), part(4, 2), part(6, 5), part(11, 2), part(13, 3)));
  // Reading is lenient about forms that writing never makes.
  if (!time || format_utc(*time, false) != text) return std::nullopt;
  return time;
}

std::string random_letters() {
  std::string letters;
  while (letters.size() < kLetters) {
    std::array<std::byte, 1> random;
    crypto::random_bytes(random);
    // Beyond the largest multiple of 26 some letters would be more likely than others.
    const auto value = std::to_integer<unsigned>(random[0]);
    if (value < 26 * 9) letters += static_cast<char>('a' + value % 26);
  }
  return letters;
}

/// A decimal number without leading zeros, of at most ten digits.
bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 10 && (text[0] != '0' || text.size() == 1) &&
         std::all_of(text.begin(), text.end(), is_digit);
}

/// What stands between `before` and `after`; nothing where they are not there.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  if (text.size() < before.size() + after.size() || !text.starts_with(before) ||
      !text.ends_with(after)) {
    return std::nullopt;
  }
  text.remove_prefix(before.size());
  text.remove_suffix(after.size());
  return text;
}

bool is_numbered(std::string_view text, std::string_view before, std::string_view after) {
  const auto number = between(text, before, after);
  return number && is_number(*number);
}

}  // namespace

BackupId BackupId::make(TimePoint started) {
  const TimePoint second = std::chrono::floor<std::chrono::seconds>(started);
  return BackupId(format_utc(second, false) + "-" + random_letters(), second);
}

std::optional<BackupId> BackupId::parse(std::string_view text) {
  if (text.size() != kTimeLength + 1 + kLetters || text[kTimeLength] != '-') return std::nullopt;
  const auto started = parse_basic_utc(text.substr(0, kTimeLength));
  const std::string_view letters = text.substr(kTimeLength + 1);
  if (!started || !std::all_of(letters.begin(), letters.end(), is_lower)) return std::nullopt;
  return BackupId(std::string(text), *started);
}

std::string encode_database(std::string_view name) {
  std::string component;
  for (const char c : name) {
    const bool hidden = c == '.' && component.empty();
    if (is_plain(c) && !hidden) {
      component += c;
    } else {
      component += format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return component;
}

std::optional<std::string> decode_database(std::string_view component) {
  const auto digit = [&](std::size_t at) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    return at < component.size() ? kDigits.find(component[at]) : std::string_view::npos;
  };
  std::string name;
  for (std::size_t at = 0; at < component.size(); ++at) {
    if (component[at] != '%') {
      name += component[at];
      continue;
    }
    const std::size_t high = digit(at + 1), low = digit(at + 2);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    name += static_cast<char>(high * 16 + low);
    at += 2;
  }
  // One name has one form.
  if (name.empty() || encode_database(name) != component) return std::nullopt;
  return name;
}

std::string BackupPlace::name() const { return encode_database(database) + "/" + id.text(); }

std::string BackupPlace::key(std::string_view object) const {
  return name() + "/" + std::string(object);
}

std::optional<BackupPlace> BackupPlace::of_manifest(std::string_view key) {
  auto object = ObjectPlace::parse(key);
  if (!object || object->name != kManifestName) return std::nullopt;
  return std::move(object->place);
}

std::optional<BackupPlace> BackupPlace::parse(std::string_view name) {
  const std::size_t slash = std::min(name.find('/'), name.size());
  auto database = decode_database(name.substr(0, slash));
  auto id = BackupId::parse(name.substr(std::min(slash + 1, name.size())));
  if (!database || !id) return std::nullopt;
  return BackupPlace{.database = std::move(*database), .id = std::move(*id)};
}

std::optional<ObjectPlace> ObjectPlace::parse(std::string_view key) {
  std::size_t slash = key.find('/');
  if (slash != std::string_view::npos) slash = key.find('/', slash + 1);
  if (slash == std::string_view::npos) return std::nullopt;
  auto place = BackupPlace::parse(key.substr(0, slash));
  const std::string_view name = key.substr(slash + 1);
  const bool is_plain_name =
      std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c) || c == '/'; });
  if (!place || !is_plain_name || !store::is_valid_key(name)) return std::nullopt;
  return ObjectPlace{.place = std::move(*place), .name = std::string(name)};
}

std::string drill_name(const BackupId& drill) { return std::string(kDrillFolder) + drill.text(); }

bool is_drill_name(std::string_view name) { return name.starts_with(kDrillFolder); }

bool is_drill_summary_name(std::string_view name) {
  const auto drill = between(name, kDrillFolder, kDrillSummarySuffix);
  return drill && BackupId::parse(*drill);
}

std::string bundle_name(std::uint64_t number) { return format("data/{:06}.tar.age", number); }

std::string chunk_name(std::string_view data_file, std::uint32_t segment, std::uint32_t chunk) {
  if (segment > kMaxSegmentNumber || chunk > kMaxChunkNumber) {
    throw Error(Exit::internal, format("cannot name chunk {} of segment {} of \"{}\": too many",
                                       chunk, segment, data_file));
  }
  return format("{}.zst.{:08}.{:04}", data_file, segment, chunk);
}

bool is_chunk_name(std::string_view name) {
  constexpr std::string_view kPattern = ".zst.SSSSSSSS.CCCC";
  if (name.size() <= kPattern.size()) return false;
  const std::size_t end = name.size() - kPattern.size();
  const std::string_view numbers = name.substr(end);
  const bool fits =
      std::equal(numbers.begin(), numbers.end(), kPattern.begin(), [](char c, char wanted) {
        return wanted == 'S' || wanted == 'C' ? is_digit(c) : c == wanted;
      });
  return fits && is_data_file_name(name.substr(0, end));
}

bool is_data_file_name(std::string_view name) {
  return is_numbered(name, "", ".dat") || is_numbered(name, "blob_", ".dat");
}

bool is_blobs_toc_name(std::string_view name) {
  return name == "blobs.toc" || is_numbered(name, "blobs_", ".toc");
}

}  // namespace pgseal::backupset
