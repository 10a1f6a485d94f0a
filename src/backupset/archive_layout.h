#pragma once
// Names of the archive format's objects, all below "{database}/{backup-id}/".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pgseal::backupset {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kSignatureName = "manifest.json.minisig";
inline constexpr std::string_view kCatalogName = "catalog.json.zst.age";
inline constexpr std::string_view kTocName = "toc.tar.age";
inline constexpr std::string_view kGlobalsName = "globals.sql.zst.age";

/// "20261124T041500Z-abcdefgh": when it began, to the second, and eight random letters. Sorts by
/// time.
class BackupId final {
 public:
  /// A new one.
  [[nodiscard]] static BackupId make(TimePoint started);
  /// Nothing where `text` is none.
  [[nodiscard]] static std::optional<BackupId> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] TimePoint started() const { return started_; }
  bool operator==(const BackupId&) const = default;

 private:
  BackupId(std::string text, TimePoint started) : text_(std::move(text)), started_(started) {}
  std::string text_;
  TimePoint started_;
};

/// A database's name as one component of a key: what is not an ASCII letter, a digit, "-", "_" or a
/// "." that is not the first is written "%XX" (upper-case hex), byte by byte.
[[nodiscard]] std::string encode_database(std::string_view name);
/// The inverse; nothing where `component` is not what `encode_database` writes.
[[nodiscard]] std::optional<std::string> decode_database(std::string_view component);

/// A backup's place in the store.
struct BackupPlace {
  std::string database;
  BackupId id;

  /// "{database}/{backup-id}/" + `name`; the whole key of one of its objects.
  [[nodiscard]] std::string key(std::string_view name) const;
  /// "{database}/{backup-id}", which is what people call it.
  [[nodiscard]] std::string name() const;
  /// Where `key` is that of a manifest. Nothing for any other.
  [[nodiscard]] static std::optional<BackupPlace> of_manifest(std::string_view key);
  /// Reads what `name()` writes. Nothing where it is none.
  [[nodiscard]] static std::optional<BackupPlace> parse(std::string_view name);
  bool operator==(const BackupPlace&) const = default;
};

/// The key of one of a backup's objects, taken apart.
struct ObjectPlace {
  BackupPlace place;
  std::string name;  ///< "data/000001.tar.age"
  /// Nothing where `key` is not "{database}/{backup-id}/{name}", the name made of ASCII letters,
  /// digits, ".", "-", "_" and "/".
  [[nodiscard]] static std::optional<ObjectPlace> parse(std::string_view key);
};

/// "drill/20261120T041500Z-abcdefgh", relative to the backup's place: what the names of a drill's
/// objects begin with. Drills have ids of the form that backups have, and sort by time like them.
[[nodiscard]] std::string drill_name(const BackupId& drill);
inline constexpr std::string_view kDrillSummarySuffix = ".json";
inline constexpr std::string_view kDrillSignatureSuffix = ".json.minisig";
inline constexpr std::string_view kDrillReportSuffix = ".tar.age";
/// Whether an object's name is a drill's, whatever follows "drill/".
[[nodiscard]] bool is_drill_name(std::string_view name);
/// Whether it is that of a drill's summary.
[[nodiscard]] bool is_drill_summary_name(std::string_view name);

/// "data/000001.tar.age", relative to the backup's place. Numbers begin at 1 and get more digits
/// where six are not enough.
[[nodiscard]] std::string bundle_name(std::uint64_t number);
/// "3456.dat.zst.00000000.0000": the file of one chunk, from the name of the data file. A shell's
/// `cat 3456.dat.zst.*` has them in their order.
[[nodiscard]] std::string chunk_name(std::string_view data_file, std::uint32_t segment,
                                     std::uint32_t chunk);
inline constexpr std::uint32_t kMaxSegmentNumber = 99'999'999;
inline constexpr std::uint32_t kMaxChunkNumber = 9'999;
/// Whether `name` is what `chunk_name` writes for a data file as below.
[[nodiscard]] bool is_chunk_name(std::string_view name);

/// "3456.dat" of a table, "blob_16409.dat" of a large object.
[[nodiscard]] bool is_data_file_name(std::string_view name);
/// "blobs.toc", "blobs_3456.toc": which large objects there are.
[[nodiscard]] bool is_blobs_toc_name(std::string_view name);

}  // namespace pgseal::backupset
