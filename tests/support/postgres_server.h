#pragma once
// A real PostgreSQL server in a temporary directory.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "support/certificates.h"
#include "support/command.h"
#include "support/postgres_programs.h"
#include "support/temp_dir.h"

namespace pgseal::test {

/// Starts in the constructor and accepts connections when that returns, on a Unix socket and on
/// 127.0.0.1. It runs as user `postgres` where the test runs as root, and dies with the test.
/// The superuser is `postgres`. One thread at a time.
class PostgresServer final {
 public:
  /// Of TCP connections; the socket is always trusted, so that `psql()` can set passwords.
  enum class Auth { trust, scram };

  struct Options {
    int version = 0;  ///< major, of `postgres_bin_dir()`; 0 is the newest that is installed
    Auth auth = Auth::trust;
    std::vector<std::string> config{};  ///< lines of postgresql.conf
    std::vector<std::string> hba{};     ///< lines of pg_hba.conf, before ours
    std::string host = "127.0.0.1";     ///< what `conninfo()` and `host()` name
    const Certificates* tls = nullptr;  ///< offers TLS with this certificate; copied
    /// A running server to be a standby of, which offers replication over its socket.
    const PostgresServer* primary = nullptr;
    std::string extensions{};  ///< a directory of control files and scripts to offer; copied
  };

  PostgresServer();
  /// Throws std::runtime_error with the server's log where it does not start.
  explicit PostgresServer(Options options);
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// Fast shutdown, as SIGINT does it; SIGKILL where that takes more than 20 seconds.
  void stop();
  /// Starts a stopped server again, on the same port.
  void start();
  /// SIGKILL to the server and all of its children at once, as if the machine went.
  void kill_hard();

  /// The output of `sql`, run by psql as superuser over the socket (`-XAtq`, ON_ERROR_STOP).
  /// Each statement is a transaction, and the last newline is left out. Throws std::runtime_error
  /// with psql's errors.
  std::string psql(const std::string& database, const std::string& sql) const;
  /// The same from a file.
  std::string psql_file(const std::string& database, const std::string& path) const;
  void create_database(const std::string& name) const;

  [[nodiscard]] const std::string& host() const { return options_.host; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& socket_dir() const { return directory_.path(); }
  /// "host=127.0.0.1 port=... user=postgres dbname=...", over TCP.
  [[nodiscard]] std::string conninfo(const std::string& database) const;
  [[nodiscard]] int version() const { return version_; }  ///< major version
  /// Where initdb, postgres, psql and pg_dump of this version lie.
  [[nodiscard]] const std::string& bin_dir() const { return bin_dir_; }
  [[nodiscard]] std::string data_dir() const { return directory_ / "data"; }
  [[nodiscard]] std::string log() const;  ///< since it was last started
  [[nodiscard]] pid_t pid() const;        ///< of the running server

 private:
  void prepare_extensions() const;
  void prepare_data() const;
  void copy_primary() const;
  void write_configuration() const;
  [[nodiscard]] std::string extension_dir() const;
  [[nodiscard]] std::string extension_setting() const;
  /// False where it ended instead of accepting connections.
  [[nodiscard]] bool launch();
  void stop_with(int signal);
  std::string run_psql(const std::string& database, const std::vector<std::string>& arguments,
                       const std::string& input) const;

  Options options_;
  TempDir directory_;
  int version_ = 0;
  std::string bin_dir_;
  int port_ = 0;
  std::unique_ptr<RunningCommand> process_;
};

}  // namespace pgseal::test
