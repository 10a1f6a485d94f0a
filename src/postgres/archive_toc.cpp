#include "postgres/archive_toc.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::postgres {

namespace {

/// Writes what ArchiveReader reads.
class ArchiveWriter final {
 public:
  void byte(int value) { bytes_.push_back(static_cast<std::byte>(value)); }

  void integer(int value) {
    byte(value < 0 ? 1 : 0);
    const auto magnitude =
        value < 0 ? 0U - static_cast<std::uint32_t>(value) : static_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<int>(magnitude >> shift & 0xffU));
  }

  void text(const ArchiveText& value) {
    integer(value ? static_cast<int>(value->size()) : -1);
    if (value) raw(*value);
  }

  void raw(std::string_view value) {
    const ByteView view = as_bytes(value);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }

  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

// pg_dump's directory archives call themselves tar in their head.
constexpr int kCustom = 1, kTar = 3;

void write_head(ArchiveWriter& writer, const ArchiveToc& toc, int format) {
  writer.raw("PGDMP");
  writer.byte(toc.version.major);
  writer.byte(toc.version.minor);
  writer.byte(toc.version.revision);
  writer.byte(toc.int_size);
  writer.byte(toc.offset_size);
  writer.byte(format);
  if (toc.version.minor < 15) {
    writer.integer(0);
  } else {
    writer.byte(0);
  }
  for (const int part : toc.created) writer.integer(part);
  writer.text(toc.database);
  writer.text(toc.server_version);
  writer.text(toc.pg_dump_version);
}

void write_entry(ArchiveWriter& writer, const ArchiveToc& toc, const TocEntry& entry) {
  writer.integer(entry.dump_id);
  writer.integer(entry.has_data ? 1 : 0);
  writer.text(entry.table_oid);
  writer.text(entry.oid);
  writer.text(entry.tag);
  writer.text(entry.description);
  writer.integer(static_cast<int>(entry.section));
  writer.text(entry.definition);
  writer.text(entry.drop_statement);
  writer.text(entry.copy_statement);
  writer.text(entry.schema);
  writer.text(entry.tablespace);
  writer.text(entry.table_access_method);
  if (toc.version.minor >= 16) writer.integer(entry.relation_kind);
  writer.text(entry.owner);
  writer.text(entry.with_oids);
  for (const std::string& id : entry.dependencies) writer.text(id);
  writer.text(std::nullopt);
}

std::uint32_t parse_oid(std::string_view text) {
  std::uint32_t oid = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, oid);
  if (error != std::errc() || at != end || oid == 0) {
    throw Error(Exit::database, format("cannot read the archive of pg_dump: large object \"{}\" "
                                       "is no oid",
                                       text));
  }
  return oid;
}

/// One a line.
void append_oids(std::vector<std::uint32_t>& oids, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    oids.push_back(parse_oid(lines.substr(0, end)));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

/// Those of an entry for which `is_large_object()` holds: up to 1.15 its name is one, since then it
/// lists them.
void append_large_objects(std::vector<std::uint32_t>& oids, const TocEntry& entry) {
  const bool is_list = entry.description == "BLOB METADATA";
  append_oids(oids, (is_list ? entry.definition : entry.tag).value_or(""));
}

}  // namespace

std::string ArchiveVersion::text() const {
  return revision == 0 ? format("{}.{}", major, minor) : format("{}.{}-{}", major, minor, revision);
}

std::string ArchiveToc::encoding() const {
  constexpr std::string_view kBefore = "SET client_encoding = '", kAfter = "';\n";
  for (const TocEntry& entry : entries) {
    if (entry.description != "ENCODING" || !entry.definition) continue;
    std::string_view text = *entry.definition;
    if (!text.starts_with(kBefore) || !text.ends_with(kAfter)) continue;
    text.remove_prefix(kBefore.size());
    text.remove_suffix(kAfter.size());
    return std::string(text);
  }
  return "";
}

Bytes write_directory_toc(const ArchiveToc& toc) {
  ArchiveWriter writer;
  write_head(writer, toc, kTar);
  writer.integer(static_cast<int>(toc.entries.size()));
  for (const TocEntry& entry : toc.entries) {
    write_entry(writer, toc, entry);
    writer.text(entry.has_data ? data_file_name(toc, entry) : "");
  }
  return writer.take();
}

Bytes write_custom_toc(const ArchiveToc& toc) {
  constexpr int kOffsetUnknown = 1, kNoData = 3;
  ArchiveWriter writer;
  write_head(writer, toc, kCustom);
  writer.integer(static_cast<int>(toc.entries.size()));
  for (const TocEntry& entry : toc.entries) {
    write_entry(writer, toc, entry);
    writer.byte(entry.has_data ? kOffsetUnknown : kNoData);
    for (int i = 0; i < toc.offset_size; ++i) writer.byte(0);
  }
  return writer.take();
}

std::string data_file_name(const ArchiveToc& toc, const TocEntry& entry) {
  if (entry.description != "BLOBS") return format("{}.dat", entry.dump_id);
  return toc.version.minor < 16 ? "blobs.toc" : format("blobs_{}.toc", entry.dump_id);
}

bool is_one_of(const TocEntry& entry, std::span<const std::string_view> kinds) {
  return std::find(kinds.begin(), kinds.end(), entry.description.value_or("")) != kinds.end();
}

bool is_large_object(const TocEntry& entry) {
  return entry.description == "BLOB" || entry.description == "BLOB METADATA";
}

std::map<std::uint32_t, const TocEntry*> large_object_entries(const ArchiveToc& toc) {
  std::map<std::uint32_t, const TocEntry*> entries;
  for (const TocEntry& entry : toc.entries) {
    if (!is_large_object(entry)) continue;
    std::vector<std::uint32_t> oids;
    append_large_objects(oids, entry);
    for (const std::uint32_t oid : oids) entries[oid] = &entry;
  }
  return entries;
}

std::vector<std::uint32_t> large_objects_of(const ArchiveToc& toc, const TocEntry& entry) {
  std::vector<std::uint32_t> oids;
  for (const TocEntry& other : toc.entries) {
    if (!is_large_object(other)) continue;
    const bool is_its = toc.version.minor < 16 ||
                        std::find(entry.dependencies.begin(), entry.dependencies.end(),
                                  std::to_string(other.dump_id)) != entry.dependencies.end();
    if (is_its) append_large_objects(oids, other);
  }
  // pg_dump makes no such entry for none. Up to version 15, --section=data leaves out their names.
  if (oids.empty() || entry.description != "BLOBS") {
    throw Error(Exit::database,
                format("cannot tell the large objects of entry {} \"{}\": the archive of pg_dump "
                       "does not name them",
                       entry.dump_id, entry.description.value_or("")))
        .with_hint("add --section=pre-data, or leave large objects out with --no-blobs");
  }
  return oids;
}

}  // namespace pgseal::postgres
