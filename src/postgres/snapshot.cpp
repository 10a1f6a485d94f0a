#include "postgres/snapshot.h"

#include <algorithm>

#include "base/format.h"

namespace pgseal::postgres {

void prepare_dump_session(Connection& connection, const DumpSession& session) {
  std::vector<std::string> settings{"search_path = ''",         "DateStyle = ISO",
                                    "IntervalStyle = POSTGRES", "TimeZone = 'UTC'",
                                    "bytea_output = hex",       "synchronize_seqscans = off"};
  settings.push_back(format("extra_float_digits = {}", session.extra_float_digits));
  settings.push_back(session.row_security ? "row_security = on" : "row_security = off");
  for (const std::string& setting : settings) connection.execute("SET " + setting);
  if (!session.encoding.empty()) {
    connection.execute("SELECT pg_catalog.set_config('client_encoding', $1, false)",
                       {session.encoding});
  }
  if (!session.role.empty()) {
    connection.execute("SELECT pg_catalog.set_config('role', $1, false)", {session.role});
  }
}

std::string export_snapshot(Connection& connection) {
  connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return connection.query("SELECT pg_catalog.pg_export_snapshot()").at(0).at(0).value_or("");
}

void import_snapshot(Connection& connection, const std::string& snapshot) {
  connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  // The name is the server's own ("00000003-0000001B-1") and takes no parameter.
  if (!std::all_of(snapshot.begin(), snapshot.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || c == '-';
      })) {
    throw Error(Exit::database, format("the server gave \"{}\" as a snapshot's name", snapshot));
  }
  connection.execute(format("SET TRANSACTION SNAPSHOT '{}'", snapshot));
}

std::string lock_statement(std::span<const std::string> tables) {
  std::string names;
  for (const std::string& table : tables) names += (names.empty() ? "ONLY " : ", ONLY ") + table;
  return format("LOCK TABLE {} IN ACCESS SHARE MODE NOWAIT", names);
}

void lock_tables(Connection& connection, const std::vector<std::string>& tables) {
  constexpr std::size_t kBatch = 200;
  for (std::span<const std::string> rest = tables; !rest.empty();) {
    const std::size_t count = std::min(kBatch, rest.size());
    connection.execute(lock_statement(rest.first(count)));
    rest = rest.subspan(count);
  }
}

Error with_replica_hint(Error error) {
  // A session that only reads meets ERRCODE_T_R_SERIALIZATION_FAILURE on replicas only; of what
  // pg_dump met there are only words.
  const bool cancelled = error.sqlstate() == "40001" ||
                         error.message().find("conflict with recovery") != std::string::npos;
  if (!cancelled) return error;
  return std::move(error).with_hint(
      "a replica cancels queries that hold up replay: set max_standby_streaming_delay (and "
      "max_standby_archive_delay) to -1 or to more than a backup takes, or hot_standby_feedback = "
      "on, or dump the primary");
}

}  // namespace pgseal::postgres
