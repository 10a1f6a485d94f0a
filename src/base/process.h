#pragma once
// Child processes with pipes.

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/stream.h"
#include "base/user.h"

namespace pgseal {

/// A child process. Its standard error is read line by line on a thread of its own; standard
/// output and input are pipes where asked for. Everything else belongs to one thread.
/// The destructor ends a child that still runs: its `end_signal`, after two seconds SIGKILL. The
/// child is a process group of its own, and gets that signal when the thread that started it ends.
class Process final {
 public:
  enum class Stdio { null, pipe };

  struct Options {
    /// Program (looked for in PATH where it has no slash) and arguments.
    std::vector<std::string> arguments;
    /// Added to this process's environment; never logged.
    std::map<std::string, std::string> environment;
    bool inherits_environment = true;  ///< false: the child gets nothing but `environment`
    Stdio standard_input = Stdio::null;
    Stdio standard_output = Stdio::pipe;
    /// Called for each line of standard error as it comes, on a thread of its own.
    std::function<void(const std::string&)> take_error_line{};
    /// How many bytes the child may be ahead of whoever reads its output.
    std::size_t output_pipe_size = kMiB;
    /// Whom the child becomes, which only root may decide; nothing: whoever we are.
    std::optional<User> user{};
    int end_signal = SIGTERM;
  };

  /// Throws Error of `Exit::internal` where the program cannot be started.
  explicit Process(Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// Reads standard output; 0 at its end. Throws Cancelled when `stop` is requested.
  [[nodiscard]] std::size_t read(ByteSpan out, const StopFd& stop);
  /// Writes all of `bytes` to standard input. Returns false where the child has closed it.
  [[nodiscard]] bool write(ByteView bytes, const StopFd& stop);
  /// Ends standard input.
  void close_input();
  /// No more is read from standard output: the child gets SIGPIPE where it writes on.
  void close_output();

  struct Status {
    int exit_code = -1;  ///< -1 where a signal ended it
    int signal = 0;      ///< 0 where none did
    [[nodiscard]] bool ok() const { return exit_code == 0; }
    /// "exit code 1", "signal 9 (Killed)".
    [[nodiscard]] std::string describe() const;
  };
  /// Waits for the end. Throws Cancelled when `stop` is requested.
  Status wait(const StopFd& stop);
  /// True where it has ended, or ends within `timeout`; `wait()` then returns at once. Throws as
  /// that does.
  [[nodiscard]] bool ended_within(std::chrono::milliseconds timeout, const StopFd& stop) const;
  void kill(int signal) const;

  /// The last 1,000 lines of standard error, oldest first, and before them how many there were
  /// more; whole only after `wait()`.
  [[nodiscard]] std::vector<std::string> error_lines() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void read_errors();
  Status reap();

  std::string program_;
  std::function<void(const std::string&)> take_error_line_;
  int end_signal_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  Status status_;
  UniqueFd pidfd_, input_, output_, errors_;
  mutable std::mutex mutex_;
  std::deque<std::string> error_lines_;  // guarded by mutex_
  std::size_t lost_error_lines_ = 0;     // guarded by mutex_
  std::thread error_reader_;
};

/// Runs a program to its end with an empty input and returns its standard output.
/// Throws Error of `Exit::internal` where it fails, with its own last line of error.
[[nodiscard]] std::string run_program(const std::vector<std::string>& arguments,
                                      const std::stop_token& stop = {});

}  // namespace pgseal
