#pragma once
// Sessions that read one exported snapshot.

#include <span>
#include <string>
#include <vector>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// What of a dump's sessions depends on how it was asked for.
struct DumpSession {
  std::string encoding;       ///< of all text, "UTF8"; "" leaves the server's default
  std::string role;           ///< SET ROLE; "" for none
  bool row_security = false;  ///< true: policies filter rows; false: they are an error
  int extra_float_digits = 3;
};

/// Makes a session write text as pg_dump's does (its `setup_connection`), and time stamps in UTC,
/// so that equal rows are equal bytes wherever they are read.
void prepare_dump_session(Connection& connection, const DumpSession& session);

/// Begins a transaction that reads one moment, and returns the exported snapshot's name, by which
/// other sessions read the same as long as this transaction lives.
[[nodiscard]] std::string export_snapshot(Connection& connection);

/// Begins a transaction that reads the snapshot. Throws Error of `Exit::database` where it is gone.
void import_snapshot(Connection& connection, const std::string& snapshot);

/// Takes ACCESS SHARE on the tables (quoted names) without waiting: to queue behind somebody who
/// waits for ACCESS EXCLUSIVE would be to wait for ever, where that one waits for us. Throws Error
/// with SQLSTATE 55P03 where one cannot be had; the transaction is then aborted.
[[nodiscard]] std::string lock_statement(std::span<const std::string> tables);
void lock_tables(Connection& connection, const std::vector<std::string>& tables);

/// The same error, with the parameter that helps where a replica cancelled the query.
[[nodiscard]] Error with_replica_hint(Error error);

}  // namespace pgseal::postgres
