#pragma once
// Programs, pgseal among them, as a shell would run them.

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"

namespace pgseal::test {

struct CommandResult {
  int exit_code = -1;  ///< -1 where a signal ended it
  int signal = 0;      ///< 0 where none did
  std::string out;
  std::string err;
  /// Peak resident memory in KiB of the largest of the process and the children it waited for;
  /// never less than what the test itself had resident when it started the process.
  long max_rss_kb = 0;
  [[nodiscard]] bool ok() const { return exit_code == 0; }
  /// Exit code or signal, and both outputs, for a failing test's message.
  [[nodiscard]] std::string describe() const;
};

struct CommandOptions {
  std::map<std::string, std::string> environment{};  ///< added to the test's own
  std::vector<std::string>
      clear_environment{};           ///< names taken away; "PG*" takes all that begin so
  bool empty_environment = false;    ///< start from PATH and HOME alone
  std::string input{};               ///< standard input
  std::string directory{};           ///< "" is the current one
  std::function<void()> in_child{};  ///< called in the child before exec: system calls only
  int death_signal = SIGKILL;        ///< what it gets when the thread that started it ends
};

/// Runs a program (looked for in PATH) to its end. Throws std::runtime_error where it cannot be
/// started.
[[nodiscard]] CommandResult run(const std::vector<std::string>& argv,
                                const CommandOptions& options = {});

/// Runs `script` with `bash -euo pipefail`.
[[nodiscard]] CommandResult sh(const std::string& script, const CommandOptions& options = {});

/// The same on a terminal, where `passphrase` is typed at every question for one. What stands on
/// the terminal is `out`. Needs expect; the braces of `script` must be in pairs.
[[nodiscard]] CommandResult at_a_terminal(const std::string& script, const std::string& passphrase,
                                          const CommandOptions& options = {});

/// The output of a program that has to succeed; throws std::runtime_error with its errors where it
/// fails.
std::string run_ok(const std::vector<std::string>& argv, const CommandOptions& options = {});

/// True where `program` is found in PATH.
[[nodiscard]] bool have_program(const std::string& program);

using pgseal::shell_quoted;

/// A program in the background, in a session of its own. Its process group is killed when this
/// goes, and itself with the thread that started it. Errors as in `run()`.
class RunningCommand final {
 public:
  explicit RunningCommand(const std::vector<std::string>& argv, const CommandOptions& options = {});
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;
  ~RunningCommand();

  [[nodiscard]] pid_t pid() const;
  void send_signal(int signal) const;
  [[nodiscard]] bool running() const;
  /// What it has written to standard error so far.
  [[nodiscard]] std::string error_so_far() const;
  [[nodiscard]] std::string output_so_far() const;
  /// Waits until `text` is in what it wrote to standard error; false where it ended, or `deadline`
  /// passed, without.
  [[nodiscard]] bool wait_for_error_text(
      const std::string& text, std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;
  /// Waits for its end. Where `deadline` passes first it is killed with SIGKILL, which the result
  /// shows.
  CommandResult join(std::chrono::milliseconds deadline = std::chrono::seconds(60));

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// The processes that `parent` started and that still run.
[[nodiscard]] std::vector<pid_t> children_of(pid_t parent);

/// Asks `condition` again and again until it is true; false where `deadline` passed first.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace pgseal::test
