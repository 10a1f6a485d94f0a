#pragma once
// The database that is restored into: sessions as pg_restore has them.

#include <functional>
#include <memory>
#include <string>

#include "engine/database.h"
#include "postgres/archive_toc.h"
#include "postgres/server_identity.h"

namespace pgseal::engine {

/// Who answers on a connection to a target. Throws Error of `Exit::database` for a pooler, and for
/// a replica, which takes no changes.
[[nodiscard]] postgres::ServerIdentity identify_target(postgres::Connection& connection);

/// Throws Error of `Exit::database` where `connection` reached other data than `first`. A server
/// that was started again, or a replica that became the primary, is the same target.
void require_same_target(postgres::Connection& connection, const postgres::ServerIdentity& first);

/// Where the sessions go, and what they are told first. Safe for use from any thread.
class RestoreTarget final {
 public:
  /// `identity` is whom every session has to reach, `role` what the sessions become, "" for none.
  /// The clock must outlive this.
  RestoreTarget(Database database, postgres::ServerIdentity identity,
                const postgres::ArchiveToc& toc, std::string role, const Clock& clock);

  [[nodiscard]] const Database& database() const { return database_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  /// A session that takes text as the archive has it.
  [[nodiscard]] std::unique_ptr<postgres::Connection> connect(const std::stop_token& stop) const;

  /// Whether what is done is recorded in the target (restore_state.h); else a transaction that a
  /// lost connection leaves in doubt is an error.
  bool keeps_state = false;

 private:
  Database database_;
  postgres::ServerIdentity identity_;
  std::string settings_;  // statements
  std::string role_;
  const Clock& clock_;
};

/// Whether after this error nothing else can succeed: it is none of the server's about a statement,
/// or the server has no room, or became read-only.
[[nodiscard]] bool ends_restore(const Error& error);

/// One session, made again where it is lost. One thread at a time.
class RestoreSession final {
 public:
  RestoreSession(const RestoreTarget& target, std::stop_token stop)
      : target_(target), stop_(std::move(stop)) {}

  /// Runs `work` in a transaction. Where the connection is lost, `was_done` tells on a new one
  /// whether that transaction was committed all the same; if not, `work` is done again, a few
  /// times. After any other error, which is thrown, the session is fit for the next transaction.
  void transaction(const std::function<void(postgres::Connection&)>& work,
                   const std::function<bool(postgres::Connection&)>& was_done);
  /// Between transactions.
  [[nodiscard]] postgres::Connection& connection();

 private:
  void leave_transaction() noexcept;

  const RestoreTarget& target_;
  std::stop_token stop_;
  std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace pgseal::engine
