#pragma once
// File descriptors that close themselves, and the few ways in which files are read and written.

#include <cstddef>
#include <stop_token>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace pgseal {

/// Owns a file descriptor.
class UniqueFd final {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { reset(); }
  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// Becomes readable when `stop` is requested, so that poll(2) can wait for it too.
class StopFd final {
 public:
  explicit StopFd(std::stop_token stop);
  [[nodiscard]] int get() const noexcept { return fd_.get(); }

 private:
  struct Signal {
    int fd;
    void operator()() const noexcept;
  };
  UniqueFd fd_;
  std::stop_callback<Signal> on_stop_;
};

/// Waits until `fd` has any of `events` (poll(2)'s), at most `timeout_ms` (-1: for ever), and
/// returns what it has, 0 after the time. Throws Cancelled when `stop` is requested first.
[[nodiscard]] short poll_or_stop(int fd, short events, const StopFd& stop, int timeout_ms = -1);

/// Writes all of `bytes` to a pipe or the like; returns false where nobody reads it any more.
/// Throws Cancelled when `stop` is requested, Error of `Exit::internal` naming `what`.
[[nodiscard]] bool write_or_stop(int fd, ByteView bytes, const StopFd& stop,
                                 const std::string& what);

/// Writes all of `bytes` to `fd`. Throws Error of `Exit::internal` naming `what`, and Cancelled
/// where it is a pipe that nobody reads any more.
void write_all(int fd, ByteView bytes, const std::string& what);

/// The whole file, at most `limit` bytes. Throws Error of `Exit::usage`.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t limit = kMiB);

/// The permission bits of a file, as chmod(1) has them; 0 where it cannot be looked at.
[[nodiscard]] unsigned file_mode(const std::string& path);

}  // namespace pgseal
