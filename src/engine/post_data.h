#pragma once
// Indexes and constraints of a restore, built side by side.

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "backupset/catalog.h"
#include "engine/archive_progress.h"
#include "engine/restore_errors.h"
#include "engine/restore_target.h"

namespace pgseal::engine {

/// One statement's worth of building.
struct BuildStep {
  const postgres::TocEntry* entry = nullptr;
  std::vector<std::size_t> after{};  ///< steps that have to be done before
  std::set<int> tables{};            ///< dump ids of those that it locks
  bool exclusive = false;            ///< whether nothing else may touch them meanwhile
  std::uint64_t size = 0;            ///< bytes of the tables' rows
};

struct PostDataPlan {
  std::vector<BuildStep> steps;  ///< in the TOC's order
  std::vector<int> rest;         ///< what does not take long, or depends on what is no step
};

/// Which of the entries `ids` are built by sessions of ours: indexes and constraints, whose
/// statements need no more than a tablespace, as far as they are not among `built`. Everything else
/// is pg_restore's.
[[nodiscard]] PostDataPlan plan_post_data(const postgres::ArchiveToc& toc, const std::set<int>& ids,
                                          const std::set<int>& built,
                                          const backupset::Catalog& catalog);

/// Gives out steps when what they wait for is done and nobody has their tables: a lock that waits
/// in the server would hold a worker up, and two foreign keys could wait for each other. Biggest
/// first. Safe for use from any thread.
class BuildSchedule final {
 public:
  explicit BuildSchedule(const std::vector<BuildStep>& steps);
  /// Waits for the next step; null where none is left.
  [[nodiscard]] const BuildStep* next(const std::stop_token& stop);
  /// Done, or failed: what comes after may go on either way.
  void finished(const BuildStep& step);

 private:
  enum class State { waiting, running, done };
  [[nodiscard]] bool may_run(std::size_t index) const;

  const std::vector<BuildStep>& steps_;
  std::vector<State> states_;         // guarded by mutex_
  std::multiset<int> shared_;         // tables of running steps; guarded by mutex_
  std::set<int> exclusive_;           // the same; guarded by mutex_
  std::vector<std::size_t> by_size_;  // steps, biggest first
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

struct BuildJob {
  const RestoreTarget& target;
  RestoreErrors& errors;
  ArchiveProgress& progress;
  bool no_tablespaces = false, exit_on_error = false;
};

/// Builds all steps on `jobs` connections, and says how far each index is. What the server refuses
/// is an error among `job.errors`. Throws as TableLoader::load().
void build(const BuildJob& job, const std::vector<BuildStep>& steps, unsigned jobs,
           const std::stop_token& stop);

}  // namespace pgseal::engine
