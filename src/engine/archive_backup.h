#pragma once
// The verb `backup` in the archive format.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "backupset/archive_manifest.h"
#include "base/clock.h"
#include "base/size.h"
#include "crypto/age_keys.h"
#include "crypto/minisign.h"
#include "engine/archive_progress.h"
#include "engine/database.h"
#include "postgres/pg_dump_options.h"
#include "store/object_store.h"

namespace pgseal::engine {

inline constexpr unsigned kDefaultJobs = 4;
inline constexpr std::size_t kDefaultChunkSize = 16 * kMiB;
inline constexpr std::size_t kDefaultBundleSize = 32 * kMiB;
inline constexpr std::uint64_t kDefaultSegmentSize = 32 * kMiB;
inline constexpr int kDefaultZstdLevel = 3;

/// How data is cut and compressed.
struct ArchiveShape {
  unsigned jobs = kDefaultJobs;                      ///< connections that copy, 1 to 64
  std::size_t chunk_size = kDefaultChunkSize;        ///< bytes of COPY text, at least 64 KiB
  std::size_t bundle_size = kDefaultBundleSize;      ///< bytes of an object, at least a chunk
  std::uint64_t segment_size = kDefaultSegmentSize;  ///< bytes of a table's heap, at least 1 MiB
  int zstd_level = kDefaultZstdLevel;
};

struct ArchiveBackupOptions {
  Database database;
  std::vector<crypto::AgeRecipient> recipients;
  std::optional<crypto::MinisignSecretKey> signing_key;  ///< absent: the backup is unsigned
  ArchiveShape shape{};
  std::optional<std::uint64_t> rate_limit{};  ///< bytes of COPY text a second, all workers together
  postgres::PgDumpOptions pg_dump{};
  std::string program_path;  ///< PATH, where pg_dump is looked for too
  std::string pgseal_version;
};

struct ArchiveBackupReport {
  std::string name;  ///< "shop/20261124T041500Z-abcdefgh"
  backupset::ArchiveManifest manifest;
  std::uint64_t tables = 0, segments = 0, rows = 0, large_objects = 0;
  std::uint64_t compressed_size = 0;  ///< bytes of zstd frames
  std::uint64_t locks_refused = 0;    ///< segments copied on the coordinator's connection
  std::uint64_t reconnects = 0;       ///< connections lost and made again under the same snapshot
  std::chrono::nanoseconds duration{0};
};

/// Dumps one database into objects, as doc/formats/archive.md has them:
///
///     coordinator: exported snapshot -> pg_dump's TOC -> locks -> plan
///     workers:     COPY of a segment -> chunk -> zstd -> tar -> age -> object -> store
///
/// and then the TOC, the globals, the catalog, the signature and, as the commit, the manifest.
/// What an aborted backup has stored already has no manifest and is no backup.
/// Throws Cancelled when `stop` is requested before the commit.
[[nodiscard]] ArchiveBackupReport backup_archive(const ArchiveBackupOptions& options,
                                                 store::ObjectStore& store, const Clock& clock,
                                                 ArchiveProgress& progress,
                                                 const std::stop_token& stop);

/// What a backup would do, for people: every table with its size and segments, and the memory that
/// it may take. Reads the TOC and takes and releases the locks; stores nothing.
struct ArchivePlanReport {
  struct Table {
    std::string name;
    std::uint64_t size = 0;  ///< bytes, TOAST and all
    std::uint64_t segments = 0;
  };
  std::string database, server_version, pg_dump_version;
  std::vector<Table> tables;  ///< in the order in which they are begun
  std::uint64_t large_objects = 0;
  std::uint64_t most_memory = 0;  ///< bytes
  std::string memory_formula;
};
[[nodiscard]] ArchivePlanReport explain_archive(const ArchiveBackupOptions& options,
                                                const Clock& clock, const std::stop_token& stop);

}  // namespace pgseal::engine
