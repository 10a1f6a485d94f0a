#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

void UniqueFd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void StopFd::Signal::operator()() const noexcept {
  // A counter of 1 cannot overflow, so this write cannot fail.
  [[maybe_unused]] const int ignored = ::eventfd_write(fd, 1);
}

StopFd::StopFd(std::stop_token stop)
    : fd_(::eventfd(0, EFD_CLOEXEC)), on_stop_(std::move(stop), Signal{fd_.get()}) {
  if (!fd_) throw system_error(Exit::internal, "cannot make an eventfd", errno);
}

short poll_or_stop(int fd, short events, const StopFd& stop, int timeout_ms) {
  pollfd fds[] = {{fd, events, 0}, {stop.get(), POLLIN, 0}};
  for (;;) {
    const int n = ::poll(fds, 2, timeout_ms);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error(Exit::internal, "cannot poll", errno);
    if (fds[1].revents != 0) throw Cancelled();
    return fds[0].revents;
  }
}

bool write_or_stop(int fd, ByteView bytes, const StopFd& stop, const std::string& what) {
  // A pipe that is ready takes at least PIPE_BUF bytes without blocking; more would block, deaf to
  // a stop.
  constexpr std::size_t kAtomic = 4096;
  while (!bytes.empty()) {
    if (poll_or_stop(fd, POLLOUT, stop) & POLLERR) return false;
    const ssize_t n = ::write(fd, bytes.data(), std::min(bytes.size(), kAtomic));
    if (n < 0 && errno == EPIPE) return false;
    if (n < 0 && errno != EINTR) {
      throw system_error(Exit::internal, format("cannot write {}", what), errno);
    }
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

void write_all(int fd, ByteView bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) throw Cancelled(format("cannot write {}: nobody reads it", what));
    if (n < 0) throw system_error(Exit::internal, format("cannot write {}", what), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

std::string read_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto fail = [&](int e) {
    return system_error(Exit::usage, format("cannot read \"{}\"", path), e);
  };
  if (!fd) throw fail(errno);
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw fail(errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > limit) {
      throw Error(Exit::usage, format("cannot read \"{}\": larger than {} bytes", path, limit));
    }
  }
}

unsigned file_mode(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777u : 0;
}

}  // namespace pgseal
