#pragma once
// Whom a connection reached: behind one name there may be several servers, or a pooler.

#include <string>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// Tells servers apart.
struct ServerIdentity {
  std::string server;  ///< its data and its address; the same after it was started again
  std::string start;   ///< when it was started
  bool is_replica = false;
  std::string server_sql;  ///< the expression that gave `server`

  bool operator==(const ServerIdentity&) const = default;
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
