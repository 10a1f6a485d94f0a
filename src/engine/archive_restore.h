#pragma once
// The verb `restore` for the archive format.

#include <string>
#include <vector>

#include "backupset/archive_reader.h"
#include "backupset/drill_report.h"
#include "base/problems.h"
#include "engine/archive_progress.h"
#include "engine/classic_restore.h"
#include "engine/database.h"
#include "postgres/pg_restore.h"

namespace pgseal::engine {

struct ArchiveRestoreOptions {
  Database target;  ///< with `pg_restore.create` the one to connect to first, as pg_restore has it
  Target target_state = Target::must_be_empty;
  postgres::RestoreOptions pg_restore{};
  unsigned jobs = 4;
  bool force_version = false;  ///< into a server that is older than the backup's
  bool dry_run = false;        ///< ends when everything is proved
  bool resume = false;         ///< goes on with an interrupted restore of the same backup
  /// Extensions and roles that the target lacks are errors of the objects that need them, and do
  /// not stand in the way.
  bool despite_missing = false;
  std::string program_path;  ///< PATH, where pg_restore is looked for too
};

struct ArchiveRestoreReport {
  std::string database;       ///< restored into
  std::uint64_t entries = 0;  ///< of the TOC, chosen
  std::uint64_t tables = 0, rows = 0, large_objects = 0;
  std::uint64_t content_size = 0;  ///< bytes of rows and large objects that were loaded
  std::uint64_t bytes_read = 0;    ///< of bundles, from the store
  std::vector<backupset::DrillPhase> phases;
  std::vector<postgres::RestoreMessage> errors, left_out;
  std::uint64_t error_count = 0;  ///< may be more than are named
};

/// Proves backup and target, and throws what stands in the way, all of it in one Error, together
/// with what `problems` hold already. `reader` is open, or null where one of the problems says why
/// it is not. Then restores: pre-data by pg_restore, rows and large objects on `jobs` connections,
/// indexes and constraints likewise, the rest by pg_restore. Errors of single objects are returned.
/// Throws Error of `Exit::database` where nothing more can be restored, and at the first error with
/// `exit_on_error`; of `Exit::verification` for a damaged backup. The hint says what is left of it.
[[nodiscard]] ArchiveRestoreReport restore_archive(const ArchiveRestoreOptions& options,
                                                   backupset::ArchiveReader* reader,
                                                   Problems& problems, ArchiveProgress& progress,
                                                   const Clock& clock, const std::stop_token& stop);

}  // namespace pgseal::engine
