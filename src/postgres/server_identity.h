#pragma once
// Whom a connection reached: behind one name there may be several servers, or a pooler.

#include <string>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// Tells servers apart.
struct ServerIdentity {
  std::string server;  ///< its data and its address; the same after it was started again
  std::string system;  ///< its data alone; "" where we may not ask for that
  std::string start;   ///< when it was started, in a form that sorts by time
  std::string asked;   ///< when it was asked, likewise
  bool is_replica = false;
  std::string server_sql;  ///< the expression that gave `server`

  /// The same run of the same server, so that snapshots of it are good.
  [[nodiscard]] bool is_same_run(const ServerIdentity& other) const {
    return server == other.server && start == other.start && is_replica == other.is_replica;
  }
  /// The same server still, or the one that has taken its place since `first` was asked: it has its
  /// data, and was started later (a failover, a container with a new address).
  [[nodiscard]] bool is_successor_of(const ServerIdentity& first) const {
    return server == first.server || (!system.empty() && system == first.system &&
                                      (start == first.start || start > first.asked));
  }
};

/// Asks the server. Throws Error of `Exit::database` where a pooler stands between us: it may give
/// the next transaction to another server process, where a snapshot, settings and time-outs of this
/// one are unknown.
[[nodiscard]] ServerIdentity identify_server(Connection& connection);

/// A statement that fails on any other server, for a session of psql.
[[nodiscard]] std::string require_server_statement(const ServerIdentity& identity);

/// The error where `what` ("dump from", "restore into") met several servers, and what to do.
[[nodiscard]] Error several_servers(const std::string& what);

}  // namespace pgseal::postgres
