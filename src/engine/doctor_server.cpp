// How the server is set, and what goes on there.

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "engine/doctor_parts.h"
#include "postgres/dump_rights.h"
#include "postgres/server_state.h"

namespace pgseal::engine {

namespace {

Finding check_timeouts(DatabaseSubject& subject) {
  auto timeouts = postgres::session_timeouts(subject.connection);
  if (timeouts.empty()) return {State::ok, "no time-out is set for the role"};
  return {State::note,
          format("{}; sessions of a backup turn them off, which every role may",
                 joined(timeouts, ", ")),
          "", std::move(timeouts)};
}

/// Each with the statement that ends it.
Finding going_on(State state, const std::string& what,
                 const std::vector<postgres::Activity>& activities) {
  std::vector<std::string> objects, statements;
  for (const auto& activity : activities) {
    objects.push_back(activity.description);
    if (!activity.end.empty()) statements.push_back(activity.end);
  }
  return {state, format("{}: {}", what, first_few(objects)), joined(statements, "\n"), objects};
}

Finding check_locks(DatabaseSubject& subject) {
  const auto holders = postgres::lock_holders(subject.connection);
  if (holders.empty()) return {State::ok, "nobody holds or awaits a lock that excludes a backup"};
  return going_on(State::warning, "a backup that meets these locks gives up", holders);
}

Finding check_transactions(DatabaseSubject& subject) {
  const auto old = postgres::old_transactions(subject.connection, subject.options.long_transaction);
  if (!old.empty()) {
    return going_on(State::note, "open for long, so that DDL may wait for them, and we for it",
                    old);
  }
  if (!postgres::sees_other_sessions(subject.connection)) {
    return {State::note, format("{} does not see the transactions of others", subject.role),
            format("GRANT pg_read_all_stats TO {};", subject.role)};
  }
  return {State::ok, "no transaction is open for long"};
}

Finding check_prepared(DatabaseSubject& subject) {
  const auto prepared = postgres::prepared_transactions(subject.connection);
  if (prepared.empty()) return {State::ok, "no transaction is prepared"};
  return going_on(State::note, "prepared, and holding their locks until somebody ends them",
                  prepared);
}

/// pg_dump and a session of ours lock all tables at once, and share the places.
Finding check_lock_table(DatabaseSubject& subject) {
  const std::uint64_t tables = postgres::tables_to_lock(subject.connection);
  const auto [per_transaction, room] = postgres::lock_table(subject.connection);
  const std::string reason =
      format("{} tables to lock, and room for about {} locks of all sessions", tables, room);
  if (tables <= room / 2) return {State::ok, reason};
  // Twice as many as there are tables, since others lock too.
  const std::uint64_t factor = 2 * tables / room + 1;
  return {tables > room ? subject.failure_of_whole() : State::warning, reason,
          format("{}{};  -- and start the server again",
                 postgres::alter_system(subject.connection, "max_locks_per_transaction"),
                 factor * per_transaction)};
}

Finding check_connections(DatabaseSubject& subject) {
  const std::int64_t needed = subject.options.connections;
  Finding finding{State::ok, format("{} are needed, and free", needed)};
  for (const auto& limit : postgres::connection_limits(subject.connection)) {
    const std::int64_t free = limit.most - limit.in_use;
    const State state = limit.most < needed ? State::failure
                        : free < needed     ? State::warning
                                            : State::ok;
    if (state <= finding.state) continue;
    finding = {
        state,
        format("{} are needed, and the limit of {} is {}, with {} in use", needed, limit.of,
               limit.most, limit.in_use),
        format("{}{};  -- or fewer --jobs", limit.raise, limit.kept + limit.in_use + needed)};
  }
  return finding;
}

constexpr CheckOf<DatabaseSubject> kChecks[] = {
    {"time-outs", check_timeouts},        {"locks", check_locks},
    {"transactions", check_transactions}, {"prepared-transactions", check_prepared},
    {"lock-table", check_lock_table},     {"connections", check_connections},
};

}  // namespace

DatabaseChecks server_checks() { return kChecks; }

}  // namespace pgseal::engine
