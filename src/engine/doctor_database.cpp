#include "engine/doctor_database.h"

#include "base/format.h"
#include "engine/doctor_parts.h"
#include "postgres/dump_rights.h"
#include "postgres/snapshot.h"

namespace pgseal::engine {

namespace {

constexpr const char* kSubject = "database";
constexpr const char* kConnection = "connection";

std::vector<DatabaseChecks> parts() {
  return {access_checks(), rights_checks(), server_checks(), contents_checks()};
}

/// A session as those of a backup are, so that its rights are those that count.
std::unique_ptr<postgres::Connection> open(const DatabaseDoctorOptions& options,
                                           const std::stop_token& stop) {
  std::unique_ptr<postgres::Connection> connection(
      new postgres::Connection(options.database.connect(stop)));
  postgres::prepare_dump_session(*connection,
                                 {.encoding = options.pg_dump.encoding,
                                  .role = options.pg_dump.role,
                                  .row_security = options.pg_dump.enable_row_security});
  return connection;
}

Finding connected(const postgres::Connection& connection, const Database& database) {
  return {State::ok, format("{} is a server of version {}{}", database.describe(),
                            connection.server_version_text(),
                            database.has_tokens() ? ", entered with an IAM token" : "")};
}

}  // namespace

KnownDatabase check_database(const DatabaseDoctorOptions& options, Checks& checks,
                             const Clock& clock, const std::stop_token& stop) {
  std::unique_ptr<postgres::Connection> connection;
  std::string role;
  const bool entered = checks.collect(kSubject, kConnection, Exit::database, [&] {
    connection = open(options, stop);
    role = postgres::current_role(*connection);
    return connected(*connection, options.database);
  });
  if (!entered) {
    checks.say_that_others_were_not_made();
    return {};
  }
  DatabaseSubject subject{.options = options,
                          .connection = *connection,
                          .role = std::move(role),
                          .now = clock.now(),
                          .stop = stop};
  for (const DatabaseChecks& part : parts()) {
    checks.run(kSubject, Exit::database, part, subject);
  }
  return {std::move(connection), subject.table_bytes};
}

std::vector<std::string> database_check_names() {
  std::vector<std::string> names{kConnection};
  for (const DatabaseChecks& part : parts()) {
    for (std::string& name : check_names(part)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace pgseal::engine
