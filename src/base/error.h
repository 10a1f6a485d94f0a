#pragma once
// The one error type of pgseal, and the exit codes by which classes of failure are told apart.

#include <chrono>
#include <exception>
#include <optional>
#include <string>

namespace pgseal {

/// Exit codes of the program. `exit_code_table()` is the single place that describes them.
enum class Exit : int {
  ok = 0,
  internal = 1,
  usage = 2,
  warnings = 3,
  database = 4,
  storage = 5,
  key = 6,
  verification = 7,
  not_found = 10,
  interrupted = 130,
};

struct ExitCodeRow {
  Exit code;
  const char* meaning;
};

/// All exit codes, in ascending order, ended by a row whose meaning is null.
[[nodiscard]] const ExitCodeRow* exit_code_table();

/// What is known of an error that a later try may not meet.
struct Retry {
  std::string cause{};            ///< for counting: "SlowDown", "timeout"
  std::chrono::seconds after{0};  ///< the pause that the other side asks for
};

/// What failed, why, and what a person can do about it.
///
/// Messages put the action first, in lower case, the object in quotes, without a full stop:
/// `cannot put "s3://b/k": AccessDenied ...`. They never hold a secret.
class Error : public std::exception {
 public:
  Error(Exit code, std::string message) : code_(code), message_(std::move(message)) {}

  /// A line that tells what a person can do; shown after `hint:`.
  [[nodiscard]] Error with_hint(std::string hint) &&;
  /// Marks the error as one that a later try may not meet.
  [[nodiscard]] Error with_retry(Retry retry = {}) &&;
  /// The HTTP status that caused it, 0 where none did.
  [[nodiscard]] Error with_http_status(int status) &&;

  /// The server's five-character code that caused it (PostgreSQL, "Error Codes").
  [[nodiscard]] Error with_sqlstate(std::string sqlstate) &&;

  /// Puts `context` before the message: "context: message".
  void add_context(const std::string& context);

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] Exit code() const noexcept { return code_; }
  [[nodiscard]] bool retryable() const noexcept { return retry_.has_value(); }
  /// Nothing where another try would end in the same way.
  [[nodiscard]] const std::optional<Retry>& retry() const noexcept { return retry_; }
  [[nodiscard]] int http_status() const noexcept { return http_status_; }
  /// "" where no answer of a server caused it.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  Exit code_;
  std::string message_;
  std::string hint_;
  std::optional<Retry> retry_;
  int http_status_ = 0;
  std::string sqlstate_;
};

/// Thrown where work ends because it was told to stop. It never hides the cause: a TaskGroup
/// prefers any other error to it.
class Cancelled final : public Error {
 public:
  explicit Cancelled(std::string message = "interrupted")
      : Error(Exit::interrupted, std::move(message)) {}
};

/// An Error of class `code` from `errno`: "message: No such file or directory".
[[nodiscard]] Error system_error(Exit code, const std::string& message, int error_number);

}  // namespace pgseal
