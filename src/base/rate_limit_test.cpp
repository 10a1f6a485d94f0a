#include "base/rate_limit.h"

#include <gtest/gtest.h>

namespace pgseal {
namespace {

using namespace std::chrono_literals;

/// Time that passes by sleeping only.
class SleepClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint{time}; }
  std::chrono::nanoseconds monotonic() const override { return time; }
  void sleep(std::chrono::nanoseconds duration, const std::stop_token&) const override {
    time += duration;
  }
  mutable std::chrono::nanoseconds time{0};
};

TEST(RateLimiter, SpreadsBytesOverTime) {
  const SleepClock clock;
  RateLimiter limiter(1000, clock);
  std::size_t passed = 0;
  while (clock.time < 10s) {
    const std::size_t n = limiter.step(1 << 20);
    EXPECT_EQ(n, 100u);
    limiter.acquire(n, {});
    passed += n;
  }
  EXPECT_NEAR(static_cast<double>(passed), 10'000, 200);
}

TEST(RateLimiter, APauseIsNotSavedUp) {
  const SleepClock clock;
  RateLimiter limiter(1000, clock);
  limiter.acquire(100, {});
  clock.time += 1h;
  const auto before = clock.time;
  for (int i = 0; i < 11; ++i) limiter.acquire(100, {});
  EXPECT_EQ(clock.time - before, 1s);
}

TEST(RateLimiter, WithoutALimitNothingWaits) {
  const SleepClock clock;
  RateLimiter limiter(std::nullopt, clock);
  EXPECT_EQ(limiter.step(12345), 12345u);
  limiter.acquire(1ull << 40, {});
  EXPECT_EQ(clock.time, 0s);
}

TEST(RateLimiter, ALimitOfOneByteStillMoves) {
  const SleepClock clock;
  RateLimiter limiter(1, clock);
  EXPECT_EQ(limiter.step(100), 1u);
}

}  // namespace
}  // namespace pgseal
