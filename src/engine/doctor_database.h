#pragma once
// What doctor looks at in the database that is to be backed up. Only catalogs are read: nothing is
// locked, and no table is scanned.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/check.h"
#include "engine/database.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::engine {

struct DatabaseDoctorOptions {
  const Database& database;
  const postgres::PgDumpOptions& pg_dump;
  unsigned connections = 2;      ///< that a backup has at a time
  std::string program_path;      ///< PATH, where pg_dump is looked for too
  std::string get_certificates;  ///< how new certificates of authorities are had
  std::string memory;            ///< that a backup takes, for people
  std::chrono::seconds long_transaction = std::chrono::hours(1);  ///< older ones are named
};

/// What checks of other subjects need of a database.
struct KnownDatabase {
  std::unique_ptr<postgres::Connection> connection;  ///< null where it failed
  std::optional<std::uint64_t> table_bytes{};        ///< absent where they could not be read
};

/// Makes all checks of the subject "database", or says of the connection that it failed and that
/// the others were not made. Throws Cancelled only.
KnownDatabase check_database(const DatabaseDoctorOptions& options, Checks& checks,
                             const Clock& clock, const std::stop_token& stop);

/// Their names, in order.
[[nodiscard]] std::vector<std::string> database_check_names();

}  // namespace pgseal::engine
