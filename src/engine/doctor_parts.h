#pragma once
// The checks of a database, in parts; for doctor_database.cpp.

#include <span>

#include "engine/doctor_database.h"

namespace pgseal::engine {

/// What they look at: a session as a backup's are, and what is to be done with it.
struct DatabaseSubject {
  const DatabaseDoctorOptions& options;
  postgres::Connection& connection;
  std::string role;  ///< whose rights count, quoted where it has to be
  TimePoint now;
  std::stop_token stop;
  std::optional<std::uint64_t> table_bytes{};  ///< what the check of sizes read

  /// What makes a dump of the whole fail. Where options choose what is dumped they may leave out
  /// just that, and pg_dump alone knows: then it is a warning.
  [[nodiscard]] State failure_of_whole() const {
    return options.pg_dump.chooses_objects ? State::warning : State::failure;
  }
};

using DatabaseChecks = std::span<const CheckOf<DatabaseSubject>>;

[[nodiscard]] DatabaseChecks access_checks();    ///< which server, over what, with which programs
[[nodiscard]] DatabaseChecks rights_checks();    ///< what the role may read
[[nodiscard]] DatabaseChecks server_checks();    ///< how the server is set, and what goes on there
[[nodiscard]] DatabaseChecks contents_checks();  ///< what a dump leaves out or has trouble with

/// Who can read what is on its way, or stand in between.
[[nodiscard]] Finding judge_transport(const postgres::Transport& transport);

}  // namespace pgseal::engine
