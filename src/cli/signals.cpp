#include "cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::cli {

void open_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // open() takes the lowest number that is free, which is this one.
    if (::fcntl(fd, F_GETFD) < 0) [[maybe_unused]]
      const int opened = ::open("/dev/null", O_RDWR);
  }
}

InterruptWatch::InterruptWatch() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, s);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC));
  quit_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!signals_ || !quit_) throw system_error(Exit::internal, "cannot watch signals", errno);
  thread_ = std::thread([this] { watch(); });
}

InterruptWatch::~InterruptWatch() {
  ::eventfd_write(quit_.get(), 1);
  thread_.join();
}

std::string InterruptWatch::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void InterruptWatch::interrupt(std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    if (reason_.empty()) reason_ = std::move(reason);
  }
  stop_.request_stop();
}

void InterruptWatch::watch() {
  // A pipe's writing end reports POLLERR, asked for or not, once nobody reads any more.
  pollfd fds[] = {{signals_.get(), POLLIN, 0},
                  {quit_.get(), POLLIN, 0},
                  {STDOUT_FILENO, 0, 0},
                  {STDERR_FILENO, 0, 0}};
  for (;;) {
    if (::poll(fds, 4, -1) < 0) continue;
    if (fds[1].revents != 0) return;
    if (fds[0].revents != 0) {
      signalfd_siginfo info{};
      if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
      if (stop_.stop_requested()) ::_exit(static_cast<int>(Exit::interrupted));
      interrupt(format("interrupted by SIG{}", ::sigabbrev_np(static_cast<int>(info.ssi_signo))));
    }
    for (pollfd& output : std::span(fds).last(2)) {
      if (output.revents == 0) continue;
      if (output.revents & POLLERR) {
        interrupt(format("interrupted: nobody reads standard {} any more (broken pipe)",
                         output.fd == STDOUT_FILENO ? "output" : "error"));
      }
      output.fd = -1;  // told once; a closed descriptor is not watched either
    }
  }
}

}  // namespace pgseal::cli
