#pragma once
// The private catalog: what a backup holds and where each piece lies. doc/formats/archive.md has
// its grammar and an example.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backupset/fingerprint.h"

namespace pgseal::backupset {

/// What ends a data file: the end of COPY's data, and the two empty lines that pg_dump adds.
inline constexpr std::string_view kCopyTerminator = "\\.\n\n\n";

/// Where one chunk lies. `object` is a full key, since it may belong to an earlier backup.
struct Chunk {
  std::string object;
  std::string file;                ///< its name in the bundle
  std::uint64_t offset = 0;        ///< bytes, of the zstd frame within the age payload
  std::uint64_t size = 0;          ///< bytes, of the zstd frame
  std::uint64_t content_size = 0;  ///< bytes, decompressed
  bool operator==(const Chunk&) const = default;
};

/// Rows of a table; or, as the last chunk of its last segment, the terminator behind them: no rows,
/// and the text `kCopyTerminator`.
struct RowsChunk {
  Chunk place;
  RowsFingerprint rows;
  bool operator==(const RowsChunk&) const = default;
};

/// A part of a table: all rows in blocks [first_block, end_block) of its main fork. The segments of
/// a table leave no block out: the first begins at 0, each where the one before ends, and the last
/// is open.
struct Segment {
  std::uint32_t number = 0;  ///< as in the chunks' names
  std::uint64_t first_block = 0;
  std::optional<std::uint64_t> end_block{};  ///< absent: to the end
  std::vector<RowsChunk> chunks{};
  bool operator==(const Segment&) const = default;
};

struct Table {
  int dump_id = 0;
  std::string schema, name;
  std::uint32_t oid = 0;
  std::uint32_t file_node = 0;      ///< 0 where it has no storage
  std::string columns{};            ///< as in the COPY statement, "" for none
  std::string data_file;            ///< "3456.dat"
  std::vector<Segment> segments{};  ///< at least one, their numbers ascending
  [[nodiscard]] RowsFingerprint rows() const;
  [[nodiscard]] std::uint64_t content_size() const;  ///< bytes of COPY text, without the terminator
  [[nodiscard]] std::uint64_t stored_size() const;   ///< bytes of zstd frames
  bool operator==(const Table&) const = default;
};

struct LargeObject {
  std::uint32_t oid = 0;
  std::uint64_t size = 0;       ///< bytes
  std::string fingerprint{};    ///< ContentFingerprint
  std::vector<Chunk> chunks{};  ///< at least one, also of an empty object
  bool operator==(const LargeObject&) const = default;
};

/// The large objects of one data entry of the TOC.
struct LargeObjects {
  int dump_id = 0;
  std::string toc_file;                ///< "blobs.toc", "blobs_3456.toc"
  std::vector<LargeObject> objects{};  ///< their oids ascending
  bool operator==(const LargeObjects&) const = default;
};

struct Sequence {
  std::string schema, name;
  std::string definition;  ///< the TOC's SEQUENCE SET statement
  bool operator==(const Sequence&) const = default;
};

struct Catalog {
  std::string backup;  ///< BackupPlace::name(), so that a catalog cannot be put into another backup
  std::string encoding;  ///< of the rows' text
  std::vector<Table> tables;
  std::vector<LargeObjects> large_objects;
  std::vector<Sequence> sequences;
  bool operator==(const Catalog&) const = default;

  /// JSON, canonical (keys sorted, no white space), and a newline. Names that are not UTF-8 (in
  /// databases of other encodings) are written as {"hex": "..."}.
  [[nodiscard]] std::string to_json() const;
  /// Throws Error of `Exit::verification` where it is no catalog of this format and version, or
  /// describes what cannot be.
  [[nodiscard]] static Catalog parse(std::string_view json);
};

}  // namespace pgseal::backupset
