#pragma once
// A PostgreSQL that asks for IAM tokens over TLS, as RDS does.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificates.h"
#include "support/postgres_server.h"

namespace pgseal::test {

/// Database user `app` enters over TLS with a token that botocore finds right, checked by a PAM
/// module; needs root, since PAM reads /etc/pam.d. The user owns nothing until the test says so.
class IamPostgres final {
 public:
  struct Options {
    /// The host name of the token and of the certificate; must resolve to loopback for clients.
    std::string host = "localhost";
    std::string region = "eu-west-1";
    /// How old a token may be at the most, whatever it says itself.
    std::chrono::seconds token_life{900};
    /// Host and port that the token has to name; "" is `host` and the server's own port. For
    /// connections through a proxy, which has a port of its own.
    std::string token_host_port{};
    std::vector<std::string> config{};  ///< lines of postgresql.conf
  };

  struct Key {
    std::string id, secret, session_token;  ///< no session token: a long-lived key
  };

  IamPostgres();
  explicit IamPostgres(Options options);
  ~IamPostgres();

  [[nodiscard]] PostgresServer& server() { return *server_; }
  [[nodiscard]] const std::string& host() const { return options_.host; }
  [[nodiscard]] int port() const { return server_->port(); }
  [[nodiscard]] const std::string& region() const { return options_.region; }
  [[nodiscard]] std::string user() const { return "app"; }
  [[nodiscard]] std::string ca_pem() const { return certificates_.ca_pem(); }
  [[nodiscard]] static Key long_lived_key();
  /// Its session token is longer than 1,000 bytes, as AWS's are.
  [[nodiscard]] static Key temporary_key();
  /// From now on tokens have to name `host_port`.
  void expect_token_for(const std::string& host_port);
  /// From now on tokens signed with this key are right too.
  void accept_key(Key key);
  /// From now on tokens are refused that are older.
  void set_token_life(std::chrono::seconds life);

  /// A line for each connection that was let in ("app SHA256-OF-TOKEN"), and for each that was
  /// refused ("app REASON"). One token a connection means that no accepted line is there twice:
  /// whoever is let in waits until the second is over in which the token was signed, so that a
  /// fresh one differs.
  [[nodiscard]] std::vector<std::string> accepted() const;
  [[nodiscard]] std::vector<std::string> refused() const;

 private:
  void write_rules() const;
  void install_pam_service();
  [[nodiscard]] std::vector<std::string> verdicts(std::string_view kind) const;

  Options options_;
  std::vector<Key> more_keys_;
  Certificates certificates_;
  TempDir directory_;
  std::string pam_service_;
  std::unique_ptr<PostgresServer> server_;
};

/// Why IamPostgres cannot run here; "" where it can. See requirement.h.
[[nodiscard]] std::string why_no_iam_postgres();

}  // namespace pgseal::test
