#pragma once
// One of the workers of a restore: a connection, and the rows and large objects that it loads.

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "backupset/archive_reader.h"
#include "engine/archive_progress.h"
#include "engine/load_plan.h"
#include "engine/restore_errors.h"
#include "engine/restore_target.h"

namespace pgseal::engine {

/// What the workers of one restore share. Safe for use from any thread.
struct LoadJob {
  const RestoreTarget& target;
  backupset::ArchiveReader& reader;
  const std::map<int, const postgres::TocEntry*>& entries;  ///< by dump id
  RestoreErrors& errors;
  ArchiveProgress& progress;
  bool exit_on_error = false;
  std::atomic<std::uint64_t> rows{0}, large_objects{0};
};

/// Loads units, each in one transaction, and compares what passes with the catalog. One thread at a
/// time.
class TableLoader final {
 public:
  TableLoader(LoadJob& job, std::size_t number, std::stop_token stop)
      : job_(job), number_(number), stop_(stop), session_(job.target, std::move(stop)) {}

  /// What the server refuses of one piece is an error among `job.errors`, and the others are
  /// loaded. Throws Error where nothing else can be loaded either, where the backup is damaged, and
  /// at the first error with `exit_on_error`.
  void load(const LoadUnit& unit);

 private:
  [[nodiscard]] bool load_together(const std::vector<LoadPiece>& pieces);
  void load_pieces(postgres::Connection& connection, const std::vector<LoadPiece>& pieces);
  void report(const LoadPiece& piece, const Error& error);

  LoadJob& job_;
  const std::size_t number_;
  std::stop_token stop_;
  RestoreSession session_;
};

}  // namespace pgseal::engine
