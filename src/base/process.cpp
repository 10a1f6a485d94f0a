#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/format.h"

extern char** environ;

namespace pgseal {

namespace {

constexpr std::size_t kMaxErrorLines = 1000;
constexpr std::size_t kMaxErrorLine = 4000;
constexpr int kGraceMs = 2000;

struct Pipe {
  UniqueFd read, write;
};

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    throw system_error(Exit::internal, "cannot make a pipe", errno);
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

UniqueFd open_null() {
  UniqueFd fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!fd) throw system_error(Exit::internal, "cannot open \"/dev/null\"", errno);
  return fd;
}

std::vector<std::string> child_environment(const Process::Options& options) {
  const auto& own = options.environment;
  std::vector<std::string> result;
  for (char** entry = environ; options.inherits_environment && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!own.contains(std::string(text.substr(0, text.find('='))))) result.emplace_back(text);
  }
  for (const auto& [name, value] : own) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void report_failure(int report_fd, int error) {
  [[maybe_unused]] const ssize_t n = ::write(report_fd, &error, sizeof error);
  ::_exit(127);
}

/// Runs in the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(const Process::Options& options, const int (&stdio)[3], char** argv,
                         char** envp, pid_t parent, int report_fd) {
  if (options.user && !become_user(*options.user)) report_failure(report_fd, errno);
  // Who becomes another loses it, so not before.
  ::prctl(PR_SET_PDEATHSIG, options.end_signal);
  ::setpgid(0, 0);  // a terminal's Ctrl-C is for us; we end our children in order
  if (::getppid() != parent) ::_exit(127);
  for (int target = 0; target < 3; ++target) ::dup2(stdio[target], target);
  for (const int s : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(s, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(argv[0], argv, envp);
  report_failure(report_fd, errno);
}

}  // namespace

Process::Process(Options options)
    : program_(options.arguments.at(0)),
      take_error_line_(std::move(options.take_error_line)),
      end_signal_(options.end_signal) {
  UniqueFd null = open_null();
  Pipe in, out, err = make_pipe(), report = make_pipe();
  if (options.standard_input == Stdio::pipe) in = make_pipe();
  if (options.standard_output == Stdio::pipe) {
    out = make_pipe();
    // Fewer switches between producer and consumer; only a matter of speed where it is refused.
    ::fcntl(out.read.get(), F_SETPIPE_SZ, static_cast<int>(options.output_pipe_size));
  }
  std::vector<std::string> env = child_environment(options);
  const std::vector<char*> argv = pointers(options.arguments);
  const std::vector<char*> envp = pointers(env);
  const int stdio[3] = {in.read ? in.read.get() : null.get(),
                        out.write ? out.write.get() : null.get(), err.write.get()};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    become(options, stdio, const_cast<char**>(argv.data()), const_cast<char**>(envp.data()), parent,
           report.write.get());
  }
  const int fork_error = errno;
  for (std::string& entry : env) explicit_bzero(entry.data(), entry.size());
  if (pid_ < 0) {
    throw system_error(Exit::internal, format("cannot start \"{}\"", program_), fork_error);
  }
  report.write.reset();
  int exec_error = 0;
  if (::read(report.read.get(), &exec_error, sizeof exec_error) == sizeof exec_error) {
    ::waitpid(pid_, nullptr, 0);
    throw system_error(Exit::internal, format("cannot start \"{}\"", program_), exec_error);
  }
  pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  input_ = std::move(in.write);
  output_ = std::move(out.read);
  errors_ = std::move(err.read);
  error_reader_ = std::thread([this] { read_errors(); });
}

Process::~Process() {
  if (!reaped_) {
    kill(end_signal_);
    pollfd fd{pidfd_.get(), POLLIN, 0};
    if (!pidfd_ || ::poll(&fd, 1, kGraceMs) == 0) kill(SIGKILL);
    ::kill(-pid_, SIGKILL);  // what it may have started holds our pipes open
    reap();
  }
  if (error_reader_.joinable()) error_reader_.join();
}

void Process::read_errors() {
  std::string line;
  const auto keep = [&] {
    if (take_error_line_) take_error_line_(line);
    const std::lock_guard lock(mutex_);
    if (error_lines_.size() == kMaxErrorLines) {
      error_lines_.pop_front();
      ++lost_error_lines_;
    }
    error_lines_.push_back(std::exchange(line, {}));
  };
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(errors_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    for (const char c : std::string_view(buffer, static_cast<std::size_t>(n))) {
      if (c == '\n') {
        keep();
      } else if (line.size() < kMaxErrorLine) {
        line += c;
      }
    }
  }
  if (!line.empty()) keep();
}

std::size_t Process::read(ByteSpan out, const StopFd& stop) {
  for (;;) {
    [[maybe_unused]] const short ready = poll_or_stop(output_.get(), POLLIN, stop);
    const ssize_t n = ::read(output_.get(), out.data(), out.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) {
      throw system_error(Exit::internal, format("cannot read from \"{}\"", program_), errno);
    }
  }
}

bool Process::write(ByteView bytes, const StopFd& stop) {
  return write_or_stop(input_.get(), bytes, stop, format("to \"{}\"", program_));
}

void Process::close_input() { input_.reset(); }
void Process::close_output() { output_.reset(); }

Process::Status Process::reap() {
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  if (WIFSIGNALED(raw)) {
    status_.signal = WTERMSIG(raw);
  } else {
    status_.exit_code = WEXITSTATUS(raw);
  }
  return status_;
}

Process::Status Process::wait(const StopFd& stop) {
  if (reaped_) return status_;
  if (pidfd_) [[maybe_unused]]
    const short ended = poll_or_stop(pidfd_.get(), POLLIN, stop);
  reap();
  // A grandchild may hold standard error open; what the child itself wrote is in the pipe by now,
  // and only its own programs are started here, so waiting for the end of file is right.
  error_reader_.join();
  return status_;
}

bool Process::ended_within(std::chrono::milliseconds timeout, const StopFd& stop) const {
  if (reaped_) return true;
  // Without a pidfd (kernels before 5.3) nobody can tell without reaping it: then this only waits.
  return poll_or_stop(pidfd_.get(), POLLIN, stop, static_cast<int>(timeout.count())) != 0;
}

void Process::kill(int signal) const {
  if (!reaped_ && ::kill(-pid_, signal) != 0) ::kill(pid_, signal);
}

std::vector<std::string> Process::error_lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  if (lost_error_lines_ > 0) lines.push_back(format("({} earlier lines)", lost_error_lines_));
  lines.insert(lines.end(), error_lines_.begin(), error_lines_.end());
  return lines;
}

std::string Process::Status::describe() const {
  if (signal != 0) return format("signal {} ({})", signal, ::strsignal(signal));
  return format("exit code {}", exit_code);
}

std::string run_program(const std::vector<std::string>& arguments, const std::stop_token& stop) {
  const StopFd stop_fd(stop);
  Process process({.arguments = arguments, .environment = {}});
  std::string output;
  Bytes buffer(16 * kKiB);
  while (const std::size_t n = process.read(buffer, stop_fd)) {
    output += as_text(ByteView(buffer).first(n));
  }
  if (const auto status = process.wait(stop_fd); !status.ok()) {
    const auto lines = process.error_lines();
    throw Error(Exit::internal, format("cannot run \"{}\": {}", arguments.at(0),
                                       lines.empty() ? status.describe() : lines.back()));
  }
  return output;
}

}  // namespace pgseal
