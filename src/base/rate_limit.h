#pragma once
// A limit in bytes a second.

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace pgseal {

/// Spreads bytes evenly over time. Safe for use from any thread: all together keep to the limit.
class RateLimiter final {
 public:
  /// Without a limit `acquire()` never waits.
  RateLimiter(std::optional<std::uint64_t> bytes_per_second, const Clock& clock)
      : bytes_per_second_(bytes_per_second), clock_(clock) {}

  /// How many bytes one step should take at the most, so that a slow limit still moves smoothly.
  [[nodiscard]] std::size_t step(std::size_t wanted) const;
  /// Waits until `bytes` more may pass. Throws Cancelled when `stop` is requested.
  void acquire(std::size_t bytes, const std::stop_token& stop);

 private:
  std::optional<std::uint64_t> bytes_per_second_;
  const Clock& clock_;
  std::mutex mutex_;
  std::chrono::nanoseconds free_at_{0};  // when the bytes taken so far will have passed; guarded by
                                         // mutex_
};

}  // namespace pgseal
