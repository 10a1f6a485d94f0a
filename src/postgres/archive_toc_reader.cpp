#include <algorithm>
#include <limits>
#include <unordered_set>

#include "base/error.h"
#include "base/format.h"
#include "postgres/archive_toc.h"

namespace pgseal::postgres {

namespace {

constexpr std::string_view kMagic = "PGDMP";
constexpr std::uint8_t kCustom = 1, kTarOrDirectory = 3;
constexpr std::uint8_t kNewestCompression = 3;  // none, gzip, lz4, zstd

/// Reads an archive's bytes, integers and strings, and says in its errors what it was reading.
class ArchiveReader final {
 public:
  ArchiveReader(Source& source, Exit code, std::string archive, std::size_t max_text)
      : source_(source), code_(code), archive_(std::move(archive)), max_text_(max_text) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(
        code_, format("cannot read {}: {}{}{}", archive_, place_, place_.empty() ? "" : ": ", why));
  }

  /// What is being read: "entry 3 of 17".
  void set_place(std::string place) { place_ = std::move(place); }

  std::uint8_t byte() {
    fill();
    const auto value = std::to_integer<std::uint8_t>(pending_.front());
    pending_ = pending_.subspan(1);
    return value;
  }

  /// A sign byte, then four bytes, least significant first.
  int integer() {
    const std::uint8_t sign = byte();
    std::int64_t value = 0;
    for (int shift = 0; shift < 32; shift += 8) value |= static_cast<std::int64_t>(byte()) << shift;
    if (sign == 1) value = -value;
    if (sign > 1 || value > std::numeric_limits<int>::max() ||
        value < std::numeric_limits<int>::min()) {
      fail("it holds what is no integer");
    }
    return static_cast<int>(value);
  }

  int integer_between(int least, int most, const char* what) {
    const int value = integer();
    if (value < least || value > most) fail(format("{} {} is unknown", what, value));
    return value;
  }

  ArchiveText text() {
    const int length = integer();
    if (length == -1) return std::nullopt;
    if (length < 0) fail(format("it holds a string of {} bytes", length));
    const auto wanted = static_cast<std::size_t>(length);
    if (wanted > max_text_) {
      fail(format("it holds a string of {} bytes, more than {}", wanted, max_text_));
    }
    std::string value;
    while (value.size() < wanted) {
      fill();
      const std::size_t n = std::min(wanted - value.size(), pending_.size());
      value += as_text(pending_.first(n));
      pending_ = pending_.subspan(n);
    }
    // pg_restore would end the string there, and so read another than we do.
    if (value.find('\0') != std::string::npos) fail("it holds a string with a zero byte");
    return value;
  }

  [[nodiscard]] bool at_end() {
    if (pending_.empty()) pending_ = ByteView(buffer_).first(source_.read(buffer_));
    return pending_.empty();
  }

 private:
  void fill() {
    if (at_end()) fail("it ends too early");
  }

  Source& source_;
  Exit code_;
  std::string archive_, place_;
  std::size_t max_text_;
  Bytes buffer_ = Bytes(64 * kKiB);
  ByteView pending_;
};

ArchiveVersion read_version(ArchiveReader& reader) {
  for (const char expected : kMagic) {
    if (reader.byte() != static_cast<std::uint8_t>(expected))
      reader.fail("it is no pg_dump archive");
  }
  ArchiveVersion version;
  version.major = reader.byte();
  version.minor = reader.byte();
  version.revision = reader.byte();
  if (version.major != 1 || version.minor < 14 || version.minor > 16 || version.revision != 0) {
    reader.fail(format("archive version {} is unknown, 1.14 to 1.16 are known (pg_dump 12 to 18)",
                       version.text()));
  }
  return version;
}

void check_format(ArchiveReader& reader, std::uint8_t wanted) {
  const std::uint8_t found = reader.byte();
  if (found == wanted) return;
  if (found == kCustom) reader.fail("it is of the custom format, not of the directory format");
  if (found == kTarOrDirectory) {
    reader.fail("it is of the directory or tar format, not of the custom format");
  }
  reader.fail(format("archive format {} is unknown", found));
}

/// The table of contents is never compressed, so how the data is does not matter here.
void skip_compression(ArchiveReader& reader, const ArchiveVersion& version) {
  if (version.minor < 15) {
    [[maybe_unused]] const int level = reader.integer();
  } else if (const std::uint8_t algorithm = reader.byte(); algorithm > kNewestCompression) {
    reader.fail(format("compression {} is unknown", algorithm));
  }
}

ArchiveToc read_head(ArchiveReader& reader, std::uint8_t wanted_format) {
  ArchiveToc toc;
  toc.version = read_version(reader);
  toc.int_size = reader.byte();
  if (toc.int_size != 4) {
    reader.fail(format("its integers are of {} bytes, only 4 are supported", toc.int_size));
  }
  toc.offset_size = reader.byte();
  if (toc.offset_size != 4 && toc.offset_size != 8) {
    reader.fail(format("its offsets are of {} bytes, only 4 and 8 are supported", toc.offset_size));
  }
  check_format(reader, wanted_format);
  skip_compression(reader, toc.version);
  for (int& part : toc.created) part = reader.integer();
  toc.database = reader.text();
  toc.server_version = reader.text();
  toc.pg_dump_version = reader.text();
  return toc;
}

std::vector<std::string> read_dependencies(ArchiveReader& reader) {
  std::vector<std::string> dependencies;
  while (ArchiveText id = reader.text()) {
    if (id->empty() || id->find_first_not_of("0123456789") != std::string::npos) {
      reader.fail(format("it depends on \"{}\", which is no dump id", *id));
    }
    dependencies.push_back(std::move(*id));
  }
  return dependencies;
}

TocEntry read_entry(ArchiveReader& reader, const ArchiveVersion& version) {
  TocEntry entry;
  entry.dump_id = reader.integer();
  if (entry.dump_id <= 0) reader.fail(format("its dump id is {}", entry.dump_id));
  entry.has_data = reader.integer_between(0, 1, "data mark") == 1;
  entry.table_oid = reader.text();
  entry.oid = reader.text();
  entry.tag = reader.text();
  entry.description = reader.text();
  entry.section = static_cast<Section>(reader.integer_between(1, 4, "section"));
  entry.definition = reader.text();
  entry.drop_statement = reader.text();
  entry.copy_statement = reader.text();
  entry.schema = reader.text();
  entry.tablespace = reader.text();
  entry.table_access_method = reader.text();
  if (version.minor >= 16) entry.relation_kind = reader.integer();
  entry.owner = reader.text();
  entry.with_oids = reader.text();
  entry.dependencies = read_dependencies(reader);
  return entry;
}

/// `read_extra` takes what the format adds to an entry.
template <typename ReadExtra>
void read_entries(ArchiveReader& reader, ArchiveToc& toc, ReadExtra read_extra) {
  const int count = reader.integer();
  if (count < 0) reader.fail(format("it has {} entries", count));
  std::unordered_set<int> seen;
  for (int i = 1; i <= count; ++i) {
    reader.set_place(format("entry {} of {}", i, count));
    toc.entries.push_back(read_entry(reader, toc.version));
    if (!seen.insert(toc.entries.back().dump_id).second) {
      reader.fail(format("dump id {} comes twice", toc.entries.back().dump_id));
    }
    read_extra(toc.entries.back());
  }
  reader.set_place("");
}

}  // namespace

ArchiveToc read_custom_toc(Source& source, std::size_t max_text) {
  ArchiveReader reader(source, Exit::database, "the archive of pg_dump", max_text);
  ArchiveToc toc = read_head(reader, kCustom);
  read_entries(reader, toc, [&](const TocEntry&) {
    // A state and an offset, which say nothing on a pipe.
    for (int i = 0; i < 1 + toc.offset_size; ++i)
      [[maybe_unused]] const std::uint8_t ignored = reader.byte();
  });
  return toc;
}

ArchiveToc read_directory_toc(ByteView bytes) {
  ByteSource source(bytes);
  ArchiveReader reader(source, Exit::verification, "\"toc.dat\"", bytes.size());
  ArchiveToc toc = read_head(reader, kTarOrDirectory);
  read_entries(reader, toc, [&](const TocEntry& entry) {
    const std::string expected = entry.has_data ? data_file_name(toc, entry) : "";
    if (const ArchiveText name = reader.text(); name != expected) {
      reader.fail(format("its data is in \"{}\", not in \"{}\"", name.value_or(""), expected));
    }
  });
  if (!reader.at_end()) reader.fail("it goes on after its last entry");
  return toc;
}

}  // namespace pgseal::postgres
