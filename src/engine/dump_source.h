#pragma once
// The database of a backup, held still: one snapshot, its table of contents, and the locks.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/archive_plan.h"
#include "engine/database.h"
#include "postgres/pg_dump_options.h"
#include "postgres/programs.h"
#include "postgres/server_identity.h"
#include "postgres/snapshot.h"

namespace pgseal::engine {

struct DumpSourceOptions {
  const Database& database;
  const postgres::PgDumpOptions& pg_dump;
  const std::string& program_path;
  /// The TOC is to be worded as a pg_dump of this version did, as libpq counts; 0 for none.
  int like_pg_dump = 0;
};

/// As long as this lives, the snapshot can be joined and no table of the TOC can be changed in its
/// form or dropped. What is not said to be safe from any thread belongs to the maker's.
class DumpSource final {
 public:
  /// Exports a snapshot, lets pg_dump write the TOC under it, and locks the TOC's tables before
  /// pg_dump, which has them locked, is let go. Where that meets DDL, it begins again with a new
  /// snapshot, a few times. Throws Error of `Exit::database`, naming who holds the locks.
  /// The options must outlive the source.
  DumpSource(const DumpSourceOptions& options, const Clock& clock, const std::stop_token& stop);

  [[nodiscard]] const postgres::ArchiveToc& toc() const { return toc_; }
  [[nodiscard]] const PlanFacts& facts() const { return facts_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] const std::string& database() const { return database_; }
  [[nodiscard]] const std::string& server_version() const { return server_version_; }
  [[nodiscard]] const std::string& pg_dump_version() const { return program_.version_text; }
  [[nodiscard]] TimePoint started() const { return started_; }  ///< of the snapshot

  /// A new connection, in a transaction that reads the snapshot. Safe for use from any thread.
  /// Throws Error of `Exit::database` where it reaches another server than the first.
  [[nodiscard]] std::unique_ptr<postgres::Connection> join(const std::stop_token& stop) const;
  /// Leaves a transaction of a connection that joined, and joins again.
  void join_again(postgres::Connection& connection) const;
  /// The connection that holds the snapshot and the locks, for one thread at a time, which holds
  /// `coordinator_mutex()`.
  [[nodiscard]] postgres::Connection& coordinator() { return *coordinator_; }
  [[nodiscard]] std::mutex& coordinator_mutex() { return coordinator_mutex_; }

  /// Ends the coordinator's transaction. Throws where it was lost: then nobody knows since when the
  /// tables were not locked.
  void finish();

 private:
  [[nodiscard]] bool attempt(const std::stop_token& stop);
  void prepare(postgres::Connection& connection) const;
  void lock();
  void read_facts(const std::vector<std::uint32_t>& tables);

  DumpSourceOptions options_;
  const Clock& clock_;
  postgres::Program program_;
  std::string database_, server_version_, snapshot_;
  postgres::ServerIdentity identity_;
  TimePoint started_;
  postgres::DumpSession session_;
  postgres::ArchiveToc toc_;
  PlanFacts facts_;
  std::vector<std::string> warnings_;
  std::string obstacle_;  // why the last attempt failed
  std::unique_ptr<postgres::Connection> coordinator_;
  std::mutex coordinator_mutex_;
};

}  // namespace pgseal::engine
