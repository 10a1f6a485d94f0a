#include "base/rate_limit.h"

#include <algorithm>

namespace pgseal {

std::size_t RateLimiter::step(std::size_t wanted) const {
  if (!bytes_per_second_) return wanted;
  return std::clamp<std::size_t>(*bytes_per_second_ / 10, 1, wanted);
}

void RateLimiter::acquire(std::size_t bytes, const std::stop_token& stop) {
  if (!bytes_per_second_) return;
  const auto now = clock_.monotonic();
  const std::chrono::nanoseconds takes(static_cast<std::int64_t>(
      static_cast<double>(bytes) * 1e9 / static_cast<double>(*bytes_per_second_)));
  std::chrono::nanoseconds start{0};
  {
    const std::lock_guard lock(mutex_);
    // Time in which nothing was asked for is not saved up: no burst after a pause.
    start = std::max(now, free_at_);
    free_at_ = start + takes;
  }
  if (start > now) clock_.sleep(start - now, stop);
}

}  // namespace pgseal
