#pragma once
// A throw-away server with everything on it that a backup's database needs around it.

#include <string>
#include <vector>

#include "backupset/archive_reader.h"
#include "backupset/drill_report.h"
#include "engine/database.h"
#include "engine/phase_times.h"
#include "postgres/archive_toc.h"
#include "postgres/throwaway_server.h"

namespace pgseal::engine {

struct DrillServerOptions {
  std::string directory;     ///< below which the server has its data
  std::string program_path;  ///< PATH, where PostgreSQL's programs are looked for too
};

/// The backup's roles and tablespaces, and a place for its database. As ThrowAwayServer.
class DrillServer final {
 public:
  /// Takes the newest minor version of the backup's major version among the servers that are
  /// installed, else the next newer. Throws as ThrowAwayServer, and Error of `Exit::database` where
  /// no server fits, of `Exit::verification` for a damaged backup.
  DrillServer(const DrillServerOptions& options, const backupset::ArchiveReader& reader,
              const postgres::ArchiveToc& toc, PhaseTimes& times, const std::stop_token& stop);

  /// Whether the backup's database can be made here as it was; else `database()` has been made,
  /// with its encoding only.
  [[nodiscard]] bool creates_database() const { return creates_database_; }
  /// The empty database to restore into, or where to connect to make it.
  [[nodiscard]] Database database() const;
  [[nodiscard]] std::string last_words() { return server_.last_words(); }

  /// What could not be as it was, and why that is no failure of the backup.
  [[nodiscard]] const std::vector<backupset::DrillFinding>& left_out() const { return left_out_; }
  /// What of the backup's globals failed.
  [[nodiscard]] const std::vector<backupset::DrillFinding>& errors() const { return errors_; }

 private:
  void make_roles(const backupset::ArchiveReader& reader);
  void make_missing_roles();
  void make_tablespaces();
  void make_database();
  [[nodiscard]] postgres::Connection connect() const;

  const postgres::ArchiveToc& toc_;
  std::stop_token stop_;
  postgres::ThrowAwayServer server_;
  bool creates_database_ = false;
  std::vector<backupset::DrillFinding> left_out_, errors_;
};

}  // namespace pgseal::engine
