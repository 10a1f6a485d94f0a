#include "engine/restore_target.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"

namespace pgseal::engine {

using postgres::Connection;

namespace {

constexpr int kTries = 6;  // with 1, 2, 4, 8 and 16 seconds between them: a server that restarts

}  // namespace

postgres::ServerIdentity identify_target(Connection& connection) {
  postgres::ServerIdentity identity = postgres::identify_server(connection);
  if (identity.is_replica) {
    throw Error(
        Exit::database,
        format("cannot restore into \"{}\": the server is a replica, which takes no changes",
               connection.database()))
        .with_hint("name the primary; of an Aurora cluster its own endpoint, not the reader's");
  }
  return identity;
}

void require_same_target(Connection& connection, const postgres::ServerIdentity& first) {
  if (!identify_target(connection).is_successor_of(first)) {
    throw postgres::several_servers("restore into");
  }
}

RestoreTarget::RestoreTarget(Database database, postgres::ServerIdentity identity,
                             const postgres::ArchiveToc& toc, std::string role, const Clock& clock)
    : database_(std::move(database)),
      identity_(std::move(identity)),
      role_(std::move(role)),
      clock_(clock) {
  settings_ =
      "SET DateStyle = ISO; SET IntervalStyle = postgres; SET row_security = off; "
      "SET xmloption = content; SET check_function_bodies = false; "
      "SET client_min_messages = warning;\n";
  // Encoding, strings and search path, in pg_dump's own words.
  constexpr std::array kSettings = {"ENCODING", "STDSTRINGS", "SEARCHPATH"};
  for (const postgres::TocEntry& entry : toc.entries) {
    if (std::count(kSettings.begin(), kSettings.end(), entry.description.value_or("")) > 0) {
      settings_ += entry.definition.value_or("");
    }
  }
}

std::unique_ptr<Connection> RestoreTarget::connect(const std::stop_token& stop) const {
  std::unique_ptr<Connection> connection(new Connection(database_.connect(stop)));
  require_same_target(*connection, identity_);
  connection->execute_script(settings_);
  if (!role_.empty()) {
    connection->execute("SELECT pg_catalog.set_config('role', $1, false)", {role_});
  }
  return connection;
}

bool ends_restore(const Error& error) {
  const std::string& state = error.sqlstate();
  return state.empty() || state == "53100" || state == "53300" || state == "25006" ||
         state.starts_with("58");
}

Connection& RestoreSession::connection() {
  if (!connection_) connection_ = target_.connect(stop_);
  return *connection_;
}

void RestoreSession::leave_transaction() noexcept {
  try {
    if (connection_ && connection_->alive()) {
      connection_->execute("ROLLBACK");
      return;
    }
  } catch (const Error&) {
    // The next transaction gets a new connection.
  }
  connection_.reset();
}

void RestoreSession::transaction(const std::function<void(Connection&)>& work,
                                 const std::function<bool(Connection&)>& was_done) {
  bool was_lost = false;
  for (int tries = 1;; ++tries) {
    try {
      if (was_lost && was_done(connection())) return;
      connection().execute("BEGIN");
      work(connection());
      connection().execute("COMMIT");
      return;
    } catch (const Cancelled&) {
      connection_.reset();
      throw;
    } catch (const Error& error) {
      was_lost = was_lost || (connection_ && !connection_->alive());
      // Once lost, a connection that cannot be made at once is no other error.
      const bool again = was_lost && (!connection_ || !connection_->alive());
      leave_transaction();
      if (!again || !target_.keeps_state || tries == kTries) {
        // A COMMIT that was lost may have been carried out after we looked.
        if (was_lost && !again && was_done(connection())) return;
        throw;
      }
      log::warning("{}; connecting again", error.message());
      target_.clock().sleep(std::chrono::seconds(1 << (tries - 1)), stop_);
    }
  }
}

}  // namespace pgseal::engine
