#include "postgres/server_identity.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::postgres {

namespace {

/// Behind it stands the address; not everybody may ask for it.
constexpr const char* kIdentifier =
    "(SELECT system_identifier FROM pg_catalog.pg_control_system()) || ' ' || ";
constexpr const char* kAddress =
    "coalesce(pg_catalog.inet_server_addr()::text, '') || ':' || "
    "pg_catalog.current_setting('port')";

/// A time whatever DateStyle and TimeZone are.
std::string sortable(const std::string& time) {
  return format("pg_catalog.to_char({} AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')", time);
}

Rows ask(Connection& connection, const std::string& server_sql) {
  return connection.query(
      format("SELECT pg_catalog.pg_backend_pid(), {}, {}, {}, "
             "pg_catalog.pg_is_in_recovery()",
             server_sql, sortable("pg_catalog.pg_postmaster_start_time()"),
             sortable("pg_catalog.clock_timestamp()")));
}

}  // namespace

ServerIdentity identify_server(Connection& connection) {
  std::string server_sql = std::string(kIdentifier) + kAddress;
  Rows rows;
  try {
    rows = ask(connection, server_sql);
  } catch (const Error& error) {
    if (error.sqlstate() != "42501") throw;  // insufficient privilege
    server_sql = kAddress;
    rows = ask(connection, server_sql);
  }
  const auto& row = rows.at(0);
  if (row.at(0) != std::to_string(connection.backend_pid())) {
    throw Error(Exit::database,
                "cannot work through a connection pooler: it may give each transaction to another "
                "session of the server, which knows neither our snapshot nor our settings")
        .with_hint("connect to the server itself, not to PgBouncer, RDS Proxy or the like");
  }
  std::string server = row.at(1).value_or("");
  const std::size_t blank = std::min(server.find(' '), server.size());
  return {.server = server,
          .system = blank == server.size() ? "" : server.substr(0, blank),
          .start = row.at(2).value_or(""),
          .asked = row.at(3).value_or(""),
          .is_replica = row.at(4) == "t",
          .server_sql = std::move(server_sql)};
}

std::string require_server_statement(const ServerIdentity& identity) {
  return format(
      "DO $pgseal$ BEGIN IF ({}) IS DISTINCT FROM '{}' THEN RAISE EXCEPTION "
      "'another server than the one that was looked at before'; END IF; END $pgseal$;\n",
      identity.server_sql, identity.server);
}

Error several_servers(const std::string& what) {
  return Error(Exit::database,
               format("cannot {} several servers: a second connection reached another one than the "
                      "first",
                      what))
      .with_hint("name one instance, not a reader or custom endpoint or a load balancer");
}

}  // namespace pgseal::postgres
