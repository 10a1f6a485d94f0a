#pragma once
// The table of contents of a pg_dump archive: read from the custom format, written for the
// directory format. doc/formats/archive.md says what of it we rely on.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/stream.h"

namespace pgseal::postgres {

/// Text of an archive; a null string is absent, which is not the same as empty.
using ArchiveText = std::optional<std::string>;

enum class Section : int { none = 1, pre_data = 2, data = 3, post_data = 4 };

struct TocEntry {
  int dump_id = 0;
  bool has_data = false;  ///< "hadDumper": the archive holds a data file for it
  ArchiveText table_oid, oid;
  ArchiveText tag;          ///< the object's name; of large objects "oid" or "oid..oid"
  ArchiveText description;  ///< its kind: "TABLE DATA", "BLOBS", "SEQUENCE SET", ...
  Section section = Section::none;
  ArchiveText definition, drop_statement, copy_statement;
  ArchiveText schema, tablespace, table_access_method;
  int relation_kind = 0;  ///< a character; from archive version 1.16 on
  ArchiveText owner, with_oids;
  std::vector<std::string> dependencies;  ///< dump ids, in decimal
  bool operator==(const TocEntry&) const = default;
};

struct ArchiveVersion {
  int major = 1, minor = 0, revision = 0;
  [[nodiscard]] std::string text() const;  ///< "1.15"
  bool operator==(const ArchiveVersion&) const = default;
};

struct ArchiveToc {
  ArchiveVersion version;
  int int_size = 4;
  int offset_size = 8;
  std::array<int, 7> created{};  ///< sec, min, hour, mday, mon, year, isdst, as struct tm has them
  ArchiveText database, server_version, pg_dump_version;
  std::vector<TocEntry> entries;

  /// "UTF8": the encoding of all text in the archive, its data too. "" where no entry tells.
  [[nodiscard]] std::string encoding() const;
  bool operator==(const ArchiveToc&) const = default;
};

/// Reads head and TOC of a custom-format archive from its beginning, and no byte more than that
/// apart from what `source` gives at once. Throws Error of `Exit::database` for an unknown archive
/// version (naming it), another format, or what is no archive; `max_text` bounds one string. No
/// length is believed: memory is only taken for bytes that came.
[[nodiscard]] ArchiveToc read_custom_toc(Source& source, std::size_t max_text = 512 * kMiB);

/// The `toc.dat` of a directory archive; the inverse of `write_directory_toc`, in the same terms.
/// Throws Error of `Exit::verification`.
[[nodiscard]] ArchiveToc read_directory_toc(ByteView bytes);
/// `toc.dat`: entries that have data name their file (`data_file_name()`), all else is carried
/// over.
[[nodiscard]] Bytes write_directory_toc(const ArchiveToc& toc);
/// Head and TOC of a custom archive whose data nobody has said the place of: it follows, in the
/// order of the entries, or nobody asks for it. The inverse of `read_custom_toc`.
[[nodiscard]] Bytes write_custom_toc(const ArchiveToc& toc);

/// The data file of an entry in a directory archive: "3456.dat", "blobs.toc" (up to 1.15),
/// "blobs_3456.toc".
[[nodiscard]] std::string data_file_name(const ArchiveToc& toc, const TocEntry& entry);

/// What a TABLE DATA entry's COPY statement names: `COPY "s"."t" ("a", "b") FROM stdin;`.
struct CopyTarget {
  std::string table;    ///< qualified and quoted as pg_dump wrote it
  std::string columns;  ///< "a, b" without the parentheses; "" for a table without columns
  bool operator==(const CopyTarget&) const = default;
};
/// Throws Error of `Exit::database` where `statement` has another form.
[[nodiscard]] CopyTarget parse_copy_statement(const std::string& statement);

/// Whether the entry is of one of these kinds.
[[nodiscard]] bool is_one_of(const TocEntry& entry, std::span<const std::string_view> kinds);

/// Whether the entry is a large object itself, or several, which have to be there before their
/// content; since version 17 in section data.
[[nodiscard]] bool is_large_object(const TocEntry& entry);

/// The entries of all large objects, by oid; of several an entry may be. Throws as
/// `large_objects_of()`.
[[nodiscard]] std::map<std::uint32_t, const TocEntry*> large_object_entries(const ArchiveToc& toc);

/// The large objects of one BLOBS entry: all that have a BLOB entry (up to 1.15), or those of the
/// BLOB METADATA entry that it depends on. Throws Error of `Exit::database` where the archive does
/// not name them.
[[nodiscard]] std::vector<std::uint32_t> large_objects_of(const ArchiveToc& toc,
                                                          const TocEntry& entry);

}  // namespace pgseal::postgres
