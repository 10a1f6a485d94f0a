#pragma once
// PgBouncer before a server.

#include <memory>
#include <string>

#include "support/command.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal::test {

/// Accepts connections of everybody, without passwords, when the constructor returns. `mode` is
/// "transaction" or "session". The server must outlive it.
class Pooler final {
 public:
  Pooler(const PostgresServer& server, const std::string& mode);

  /// As superuser, over TCP.
  [[nodiscard]] std::string conninfo(const std::string& database) const;

 private:
  TempDir directory_;
  int port_;
  std::unique_ptr<RunningCommand> process_;
};

}  // namespace pgseal::test
