#pragma once
// A database that can be connected to again and again, and how its password is had.

#include <functional>
#include <stop_token>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"
#include "postgres/connection.h"

namespace pgseal::engine {

/// Gives a password that is good for one connection made now.
using PasswordSource = std::function<Secret(const std::stop_token&)>;

/// RDS's IAM authentication: a fresh token each time, since a token counts for fifteen minutes
/// only. The references must outlive the result.
[[nodiscard]] PasswordSource iam_password(std::string host, int port, std::string user,
                                          std::string region, aws::CredentialProvider& credentials,
                                          const Clock& clock);

/// Where a database is. Safe for use from any thread.
class Database final {
 public:
  /// `password` may be empty: then the one in `params`, or libpq's own means.
  /// Keepalives are set where `params` does not say: a connection that a firewall dropped must not
  /// hang for hours.
  Database(postgres::ConnParams params, PasswordSource password);

  /// Parameters with a fresh password, good for one connection.
  [[nodiscard]] postgres::ConnParams fresh_params(const std::stop_token& stop) const;
  [[nodiscard]] postgres::Connection connect(const std::stop_token& stop) const;
  /// Another database of the same server, entered in the same way.
  [[nodiscard]] Database named(const std::string& name) const;
  [[nodiscard]] std::string describe() const { return params_.describe(); }
  /// Whether each connection has a password of its own, a token.
  [[nodiscard]] bool has_tokens() const { return password_ != nullptr; }

 private:
  postgres::ConnParams params_;
  PasswordSource password_;
};

}  // namespace pgseal::engine
