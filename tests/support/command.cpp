#include "support/command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "base/format.h"
#include "support/temp_dir.h"

namespace pgseal::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenLooks{10};

struct Pipe {
  UniqueFd read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// A file in memory, so that nobody has to feed the program while it runs.
UniqueFd input_file(const std::string& text) {
  if (text.empty()) return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  write_all(file.get(), as_bytes(text), "a program's input");
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw std::runtime_error("cannot rewind an input");
  return file;
}

bool is_cleared(const std::string& name, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                               : name == pattern) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> environment_of(const CommandOptions& options) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (options.empty_environment ? name == "PATH" || name == "HOME"
                                  : !is_cleared(name, options.clear_environment)) {
      all[name] = text.substr(equals + 1);
    }
  }
  for (const auto& [name, value] : options.environment) all[name] = value;
  std::vector<std::string> result;
  for (const auto& [name, value] : all) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

class RunningCommand::State {
 public:
  State(std::vector<std::string> argv, const CommandOptions& options) {
    std::vector<std::string> environment = environment_of(options);
    const UniqueFd input = input_file(options.input);
    Pipe output = make_pipe(), errors = make_pipe(), failure = make_pipe();
    const std::vector<char*> argument_pointers = pointers(argv);
    const std::vector<char*> environment_pointers = pointers(environment);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      become({input.get(), output.write.get(), errors.write.get()}, options, parent,
             argument_pointers.data(), environment_pointers.data(), failure.write.get());
    }
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    failure.write.reset();
    int reason = 0;
    if (::read(failure.read.get(), &reason, sizeof reason) == sizeof reason) {
      ::waitpid(pid_, nullptr, 0);
      throw std::runtime_error("cannot run \"" + argv.front() + "\": " + std::strerror(reason));
    }
    output_ = std::move(output.read);
    errors_ = std::move(errors.read);
    reader_ = std::thread([this] { read_until_end(); });
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (!status_) {
      ::kill(-pid_, SIGKILL);
      reap();
    }
  }

  [[nodiscard]] bool ended_within(int milliseconds) const {
    pollfd end{pidfd_.get(), POLLIN, 0};
    return ::poll(&end, 1, milliseconds) > 0;
  }

  CommandResult reap() {
    if (reader_.joinable()) reader_.join();
    if (!status_) {
      status_ = 0;
      ::wait4(pid_, &*status_, 0, &usage_);
    }
    CommandResult result;
    if (WIFEXITED(*status_)) result.exit_code = WEXITSTATUS(*status_);
    if (WIFSIGNALED(*status_)) result.signal = WTERMSIG(*status_);
    result.out = text(&State::out_);
    result.err = text(&State::err_);
    result.max_rss_kb = usage_.ru_maxrss;
    return result;
  }

  [[nodiscard]] std::string text(std::string State::*which) const {
    const std::lock_guard lock(mutex_);
    return this->*which;
  }

  void send_signal(int signal) const {
    if (!status_) ::kill(pid_, signal);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  std::string out_, err_;  // guarded by mutex_

 private:
  [[noreturn]] static void become(std::array<int, 3> stdio, const CommandOptions& options,
                                  pid_t parent, char* const* argv, char* const* envp, int failure) {
    ::setsid();
    for (int fd = 0; fd < 3; ++fd) ::dup2(stdio[static_cast<std::size_t>(fd)], fd);
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (options.in_child) options.in_child();
    ::prctl(PR_SET_PDEATHSIG, options.death_signal);  // a change of user would have cleared it
    if (::getppid() != parent) ::_exit(127);
    if (options.directory.empty() || ::chdir(options.directory.c_str()) == 0) {
      ::execvpe(argv[0], argv, envp);
    }
    const int reason = errno;
    [[maybe_unused]] const ssize_t told = ::write(failure, &reason, sizeof reason);
    ::_exit(127);
  }

  // Ends with the program, not with its pipes: a daemon that it left may hold these for ever.
  void read_until_end() {
    std::array<pollfd, 3> fds{pollfd{output_.get(), POLLIN, 0}, pollfd{errors_.get(), POLLIN, 0},
                              pollfd{pidfd_.get(), POLLIN, 0}};
    bool ended = false;
    while (!ended) {
      ::poll(fds.data(), fds.size(), -1);
      ended = fds[2].revents != 0;
      if (ended) ::poll(fds.data(), 2, 0);  // what it wrote last may have come after the first look
      take(fds[0], &State::out_, ended);
      take(fds[1], &State::err_, ended);
    }
  }

  void take(pollfd& source, std::string State::*which, bool all) {
    std::array<char, 64 * kKiB> block{};
    while ((source.revents & (POLLIN | POLLHUP)) != 0) {
      const ssize_t count = ::read(source.fd, block.data(), block.size());
      if (count <= 0) {
        source.fd = -1;
        return;
      }
      {
        const std::lock_guard lock(mutex_);
        (this->*which).append(block.data(), static_cast<std::size_t>(count));
      }
      if (!all) return;
      ::poll(&source, 1, 0);
    }
  }

  pid_t pid_ = -1;
  UniqueFd pidfd_, output_, errors_;
  std::thread reader_;
  std::optional<int> status_;
  rusage usage_{};
  mutable std::mutex mutex_;
};

RunningCommand::RunningCommand(const std::vector<std::string>& argv, const CommandOptions& options)
    : state_(std::make_unique<State>(argv, options)) {}
RunningCommand::~RunningCommand() = default;

pid_t RunningCommand::pid() const { return state_->pid(); }
void RunningCommand::send_signal(int signal) const { state_->send_signal(signal); }
bool RunningCommand::running() const { return !state_->ended_within(0); }
std::string RunningCommand::error_so_far() const { return state_->text(&State::err_); }
std::string RunningCommand::output_so_far() const { return state_->text(&State::out_); }

bool RunningCommand::wait_for_error_text(const std::string& text,
                                         std::chrono::milliseconds deadline) const {
  const auto seen = [&] { return error_so_far().find(text) != std::string::npos; };
  return wait_until([&] { return seen() || !running(); }, deadline) && seen();
}

CommandResult RunningCommand::join(std::chrono::milliseconds deadline) {
  if (!state_->ended_within(static_cast<int>(deadline.count()))) ::kill(-state_->pid(), SIGKILL);
  return state_->reap();
}

std::string CommandResult::describe() const {
  return (signal != 0 ? "signal " + std::to_string(signal)
                      : "exit code " + std::to_string(exit_code)) +
         "\n--- output\n" + out + "--- errors\n" + err;
}

CommandResult run(const std::vector<std::string>& argv, const CommandOptions& options) {
  return RunningCommand(argv, options).join(std::chrono::hours(1));
}

CommandResult sh(const std::string& script, const CommandOptions& options) {
  return run({"bash", "-euo", "pipefail", "-c", script}, options);
}

CommandResult at_a_terminal(const std::string& script, const std::string& passphrase,
                            const CommandOptions& options) {
  return run({"expect", "-c",
              "set timeout 120\nspawn bash -euo pipefail -c {" + script +
                  "}\nexpect {\n  -re {(Enter|Confirm) [^:]*pass[^:]*: ?} { send \"" + passphrase +
                  "\\r\"; exp_continue }\n  timeout { exit 99 }\n  eof\n}\n"
                  "lassign [wait] pid spawnid os_error code\nexit $code"},
             options);
}

std::string run_ok(const std::vector<std::string>& argv, const CommandOptions& options) {
  CommandResult result = run(argv, options);
  if (!result.ok()) throw std::runtime_error(argv.front() + " failed: " + result.describe());
  return std::move(result.out);
}

bool have_program(const std::string& program) {
  return sh("command -v " + shell_quoted(program)).ok();
}

std::vector<pid_t> children_of(pid_t parent) {
  std::istringstream list(read_text(format("/proc/{0}/task/{0}/children", parent)));
  std::vector<pid_t> result;
  for (pid_t child = 0; list >> child;) result.push_back(child);
  return result;
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!condition()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

}  // namespace pgseal::test
