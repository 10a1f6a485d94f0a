#pragma once
// What a server is set to and does at the moment, as far as a dump minds. Nothing is locked.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// Whether RDS runs the server: it has a role of its own there.
[[nodiscard]] bool is_at_rds(Connection& connection);
/// The statement that sets a parameter of the server, the value at its end left out. RDS refuses
/// it, and there it is a comment that says where to set that.
[[nodiscard]] std::string alter_system(Connection& connection, const std::string& parameter);

/// Time-outs that a session of ours would have, had it not turned them off:
/// "statement_timeout = 30000ms".
[[nodiscard]] std::vector<std::string> session_timeouts(Connection& connection);

/// How a replica treats queries that hold up its replay; times in milliseconds, -1 for ever.
struct ReplicaSettings {
  bool feedback = false;  ///< hot_standby_feedback
  std::int64_t streaming_delay = 0, archive_delay = 0;
};
/// Nothing where the server is no replica.
[[nodiscard]] std::optional<ReplicaSettings> replica_settings(Connection& connection);

/// Something that is going on, and the statement that ends it; "" where there is none.
struct Activity {
  std::string description;  ///< who, what, since when
  std::string end{};
};
/// Who holds or awaits ACCESS EXCLUSIVE on a table of this database, which alone excludes a dump;
/// asked by a session that is in no aborted transaction.
[[nodiscard]] std::vector<Activity> lock_holders(Connection& connection);
/// Transactions in this database that are older than `age`, ours not.
[[nodiscard]] std::vector<Activity> old_transactions(Connection& connection,
                                                     std::chrono::seconds age);
/// Transactions of this database that were prepared (PREPARE TRANSACTION), and hold their locks.
[[nodiscard]] std::vector<Activity> prepared_transactions(Connection& connection);
/// Whether the role sees what others' sessions do (pg_read_all_stats).
[[nodiscard]] bool sees_other_sessions(Connection& connection);

/// The table of locks that all sessions share.
struct LockTable {
  std::uint64_t per_transaction = 0;  ///< max_locks_per_transaction, which is but a mean
  std::uint64_t room = 0;             ///< for so many locks on tables, about
};
[[nodiscard]] LockTable lock_table(Connection& connection);

/// A limit on connections that binds us.
struct ConnectionLimit {
  std::string of;           ///< "the server", "ROLE backup", "DATABASE app"
  std::int64_t most = 0;    ///< without those that are kept for others
  std::int64_t kept = 0;    ///< for others
  std::int64_t in_use = 0;  ///< this connection not among them
  std::string raise;        ///< the statement that sets it, the number at its end left out
};
[[nodiscard]] std::vector<ConnectionLimit> connection_limits(Connection& connection);

}  // namespace pgseal::postgres
