#pragma once
// What interrupts the program.

#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/file.h"

namespace pgseal::cli {

/// Opens /dev/null for standard input, output and error where they are closed, so that no other
/// file gets their numbers. To be called first.
void open_standard_descriptors();

/// While it lives, SIGINT, SIGTERM and SIGHUP, and a reader of standard output or standard error
/// that goes away, request a stop, so that all work ends in order. A second signal ends the process
/// at once. SIGPIPE is ignored. To be made before any other thread, and once.
class InterruptWatch final {
 public:
  InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  ~InterruptWatch();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  /// "interrupted by SIGTERM", "interrupted: ..."; "" before a stop.
  [[nodiscard]] std::string reason() const;

 private:
  void watch();
  void interrupt(std::string reason);

  std::stop_source stop_;
  UniqueFd signals_, quit_;
  mutable std::mutex mutex_;
  std::string reason_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace pgseal::cli
