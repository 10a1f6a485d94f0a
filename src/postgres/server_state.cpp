#include "postgres/server_state.h"

#include "base/format.h"

namespace pgseal::postgres {

namespace {

/// ", since 2026-11-24 04:15 UTC" of a time that may be null.
std::string since(const char* time) {
  return format(
      "coalesce(pg_catalog.to_char({} AT TIME ZONE 'UTC', '\", since \"YYYY-MM-DD HH24:MI "
      "\"UTC\"'), '')",
      time);
}

/// "process 17 (app, psql, active)" of a row `a` of pg_stat_activity. Not its query: statements
/// hold rows and passwords.
constexpr const char* kSession =
    "pg_catalog.format('process %s (%s)', a.pid, pg_catalog.concat_ws(', ', a.usename, "
    "nullif(a.application_name, ''), a.state))";

/// Rows of a description and the statement that ends it.
std::vector<Activity> activities(Connection& connection, const std::string& sql,
                                 const std::vector<std::string>& values = {}) {
  std::vector<Activity> found;
  for (const auto& row : connection.query(sql, values)) {
    found.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  }
  return found;
}

std::int64_t number(const std::optional<std::string>& text) { return std::stoll(text.value()); }

}  // namespace

bool is_at_rds(Connection& connection) {
  return connection
             .query_column(
                 "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_superuser')")
             .at(0) == "t";
}

std::string alter_system(Connection& connection, const std::string& parameter) {
  return format(
      "{}{} = ", is_at_rds(connection) ? "-- in the parameter group of RDS: " : "ALTER SYSTEM SET ",
      parameter);
}

std::vector<std::string> session_timeouts(Connection& connection) {
  // What a session sets does not change what RESET would bring back.
  return connection.query_column(R"(
    SELECT pg_catalog.format('%s = %s%s', name, reset_val, unit) FROM pg_catalog.pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
                   'idle_session_timeout', 'transaction_timeout') AND reset_val <> '0'
    ORDER BY name)");
}

std::optional<ReplicaSettings> replica_settings(Connection& connection) {
  const auto row = connection
                       .query(R"(
    SELECT pg_catalog.pg_is_in_recovery(),
      pg_catalog.current_setting('hot_standby_feedback')::boolean,
      (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_standby_streaming_delay'),
      (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_standby_archive_delay'))")
                       .at(0);
  if (row[0] != "t") return std::nullopt;
  return ReplicaSettings{row[1] == "t", number(row[2]), number(row[3])};
}

std::vector<Activity> lock_holders(Connection& connection) {
  return activities(connection, format(R"(
    SELECT pg_catalog.format('table %s: %s %s %s%s', l.relation::regclass,
             CASE WHEN l.pid IS NULL THEN 'a prepared transaction' ELSE {} END,
             CASE WHEN l.granted THEN 'holds' ELSE 'waits for' END, l.mode, {}),
           'SELECT pg_catalog.pg_terminate_backend(' || l.pid || ');'
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() AND c.relkind IN ('r', 'p')
      AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
      AND l.database = (SELECT oid FROM pg_catalog.pg_database
                        WHERE datname = pg_catalog.current_database())
    ORDER BY l.granted DESC, l.pid LIMIT 10)",
                                       kSession, since("a.xact_start")));
}

std::vector<Activity> old_transactions(Connection& connection, std::chrono::seconds age) {
  return activities(connection,
                    format(R"(
    SELECT {} || {}, 'SELECT pg_catalog.pg_terminate_backend(' || a.pid || ');'
    FROM pg_catalog.pg_stat_activity a
    WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
      AND xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $1)
      AND backend_type = 'client backend'
    ORDER BY xact_start)",
                           kSession, since("xact_start")),
                    {std::to_string(age.count())});
}

std::vector<Activity> prepared_transactions(Connection& connection) {
  return activities(connection, format(R"(
    SELECT pg_catalog.format('%L (%s)%s', gid, owner, {}),
           pg_catalog.format('ROLLBACK PREPARED %L;  -- or COMMIT PREPARED', gid)
    FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()
    ORDER BY prepared)",
                                       since("prepared")));
}

bool sees_other_sessions(Connection& connection) {
  return connection.query_column("SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')")
             .at(0) == "t";
}

LockTable lock_table(Connection& connection) {
  // PostgreSQL, "Lock Management", max_locks_per_transaction.
  const auto row = connection
                       .query(R"(
    SELECT l, l * (pg_catalog.current_setting('max_connections')::bigint +
                   pg_catalog.current_setting('max_prepared_transactions')::bigint)
    FROM (SELECT pg_catalog.current_setting('max_locks_per_transaction')::bigint) AS s (l))")
                       .at(0);
  return {static_cast<std::uint64_t>(number(row[0])), static_cast<std::uint64_t>(number(row[1]))};
}

std::vector<ConnectionLimit> connection_limits(Connection& connection) {
  // pg_stat_activity hides much from most roles, but neither who there is nor the statistics.
  const auto row = connection
                       .query(R"(
    SELECT r.rolsuper, pg_catalog.quote_ident(r.rolname), r.rolconnlimit,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = r.oid),
      pg_catalog.quote_ident(d.datname), d.datconnlimit,
      pg_catalog.pg_stat_get_db_numbackends(d.oid),
      pg_catalog.current_setting('max_connections')::bigint,
      pg_catalog.current_setting('superuser_reserved_connections')::bigint +
        coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::bigint,
      (SELECT pg_catalog.sum(numbackends) FROM pg_catalog.pg_stat_database)
    FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
    WHERE r.rolname = session_user AND d.datname = pg_catalog.current_database())")
                       .at(0);
  const bool is_super = row[0] == "t";
  const std::int64_t kept = is_super ? 0 : number(row[8]);
  std::vector<ConnectionLimit> limits{{.of = "the server",
                                       .most = number(row[7]) - kept,
                                       .kept = kept,
                                       .in_use = number(row[9]) - 1,
                                       .raise = alter_system(connection, "max_connections")}};
  const auto add = [&](const std::string& kind, const std::string& name, std::int64_t most,
                       std::int64_t in_use) {
    if (most < 0 || is_super) return;  // nothing else binds a superuser
    std::string raise = format("ALTER {} {} CONNECTION LIMIT ", kind, name);
    limits.push_back({.of = format("{} {}", kind, name),
                      .most = most,
                      .in_use = in_use - 1,
                      .raise = std::move(raise)});
  };
  add("ROLE", *row[1], number(row[2]), number(row[3]));
  add("DATABASE", *row[4], number(row[5]), number(row[6]));
  return limits;
}

}  // namespace pgseal::postgres
