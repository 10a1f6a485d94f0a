#pragma once
// A connection to a server, over libpq.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "postgres/conn_params.h"

struct pg_conn;
struct pg_result;

namespace pgseal::postgres {

/// The rows of a result; a null value is absent.
using Rows = std::vector<std::vector<std::optional<std::string>>>;

/// A statement that turns a session's time-outs off: of statements, locks, idling, transactions.
/// Not every server has all of them, so those that it has are asked for.
inline constexpr const char* kNoTimeouts =
    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN "
    "('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', "
    "'idle_session_timeout', 'transaction_timeout')";

/// How a server writes values: as text, or as a type's binary form.
enum class ValueFormat { text, binary };

/// What carries a connection, as libpq has made it of parameters, variables and defaults.
struct Transport {
  std::string host;         ///< a name, or the directory of a socket
  bool is_local = false;    ///< does not leave this machine
  std::string tls;          ///< "TLSv1.3"; "" where nothing is encrypted
  std::string sslmode;      ///< "verify-full"
  std::string sslrootcert;  ///< the file of authorities that was named, or "system"; "" for none
};

/// An open connection. It belongs to one thread at a time. All errors are of `Exit::database`, have
/// the server's SQLSTATE, and are retryable where the connection was lost.
class Connection final {
 public:
  /// Connects, in at most `connect_timeout` seconds of `params` or 30. Throws Cancelled when `stop`
  /// is requested first. Queries hear `stop` too. The server's time-outs (statement, lock, idle,
  /// transaction) are off for this session, and it looks every ten seconds whether we still live,
  /// where it can.
  Connection(const ConnParams& params, const std::stop_token& stop);

  /// Runs one statement with text parameters ($1, ...) and returns its rows.
  [[nodiscard]] Rows query(const std::string& sql, const std::vector<std::string>& values = {},
                           ValueFormat format = ValueFormat::text);
  /// The first column of what a statement returns; "" for null.
  [[nodiscard]] std::vector<std::string> query_column(const std::string& sql,
                                                      const std::vector<std::string>& values = {});
  /// Runs one statement that returns nothing of interest.
  void execute(const std::string& sql, const std::vector<std::string>& values = {}) {
    [[maybe_unused]] const Rows none = query(sql, values);
  }
  /// Runs any number of statements, whose results nobody wants; the first that fails is the last.
  /// COPY from or to the client is an Error too, after which the connection is of no use.
  void execute_script(const std::string& sql);
  /// False once the connection is known to be lost.
  [[nodiscard]] bool alive() const;
  /// The process of the server that serves us, as it was said when connecting.
  [[nodiscard]] int backend_pid() const;

  /// 150018 for 15.18.
  [[nodiscard]] int server_version() const;
  /// As the server says it: "15.18 (Debian 15.18-0+deb12u1)".
  [[nodiscard]] std::string server_version_text() const;
  /// The database that we are connected to.
  [[nodiscard]] std::string database() const;
  [[nodiscard]] Transport transport() const;

 private:
  friend class CopyIn;
  friend class CopyOut;
  struct Close {
    void operator()(pg_conn* connection) const noexcept;
  };
  void open(const ConnParams& params);
  void send(const std::string& sql, const std::vector<std::string>& values, ValueFormat format);
  void wait_for_input();
  [[nodiscard]] Error failure(const pg_result* result) const;

  std::string description_;
  std::stop_token stop_;
  StopFd stop_fd_;
  std::unique_ptr<pg_conn, Close> connection_;
};

/// Names of the first few objects that a restore might collide with: relations, functions, types,
/// schemas and large objects that are neither the system's nor an extension's. Empty for an empty
/// database.
[[nodiscard]] std::vector<std::string> user_objects(Connection& connection);

}  // namespace pgseal::postgres
