#include "base/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace pgseal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Goes on by what it is told to sleep, and remembers that.
class NoSleep final : public Clock {
 public:
  TimePoint now() const override { return {}; }
  nanoseconds monotonic() const override { return time; }
  void sleep(nanoseconds duration, const std::stop_token& stop) const override {
    if (stop.stop_requested()) throw Cancelled();
    slept.push_back(duration);
    time += duration;
  }
  mutable nanoseconds time{};
  mutable std::vector<nanoseconds> slept;
};

Error transient(std::chrono::seconds after = {}) {
  return Error(Exit::storage, "slow down").with_retry({.cause = "SlowDown", .after = after});
}

TEST(Backoff, DoublesUpToItsCap) {
  const RetryPolicy policy{.base_delay = milliseconds(100), .max_delay = milliseconds(1000)};
  EXPECT_EQ(backoff(policy, 1, 1), milliseconds(100));
  EXPECT_EQ(backoff(policy, 2, 1), milliseconds(200));
  EXPECT_EQ(backoff(policy, 4, 1), milliseconds(800));
  EXPECT_EQ(backoff(policy, 5, 1), milliseconds(1000));
  EXPECT_EQ(backoff(policy, 1000, 1), milliseconds(1000));
}

TEST(Backoff, TakesAFractionOfThat) {
  EXPECT_EQ(backoff({}, 1, 0), nanoseconds(0));
  EXPECT_EQ(backoff({}, 3, 0.5), milliseconds(200));
}

TEST(Retrier, TriesAgainUntilItGoesWell) {
  const NoSleep clock;
  Retrier retrier(clock);
  const int tries = retrier.run({}, "cannot put", {}, [](int number) {
    if (number < 4) throw transient();
    return number;
  });
  EXPECT_EQ(tries, 4);
  EXPECT_EQ(retrier.retries(), (RetryCounts{{"SlowDown", 3}}));
  ASSERT_EQ(clock.slept.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_LE(clock.slept[i], backoff({}, i + 1, 1));
}

TEST(Retrier, GivesUpAndSaysHowOftenItTried) {
  const NoSleep clock;
  Retrier retrier(clock);
  try {
    retrier.run({.tries = 3}, "cannot put", {}, [](int) { throw transient(); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot put in 3 tries: slow down");
  }
  EXPECT_EQ(clock.slept.size(), 2u);
}

TEST(Retrier, DoesNotRepeatWhatCannotGoBetter) {
  const NoSleep clock;
  Retrier retrier(clock);
  try {
    retrier.run({}, "cannot put", {}, [](int) { throw Error(Exit::storage, "denied"); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot put: denied");
  }
  EXPECT_TRUE(clock.slept.empty());
}

TEST(Retrier, GivesUpAfterTheTotalTime) {
  const NoSleep clock;
  Retrier retrier(clock);
  int tries = 0;
  const auto attempt = [&](int) -> int {
    ++tries;
    clock.time += std::chrono::minutes(1);  // as a connection does that stalls
    throw transient();
  };
  const RetryPolicy policy{.tries = 100, .total = std::chrono::minutes(10)};
  EXPECT_THROW(retrier.run(policy, "cannot put", {}, attempt), Error);
  EXPECT_GT(tries, 4);                                      // of 60 to 80 s each
  EXPECT_LE(clock.time, std::chrono::minutes(1 + 10 + 1));  // the first, and the last to begin
}

TEST(Retrier, DoesNotCountATryThatTookLongBeforeItFailed) {
  const NoSleep clock;
  Retrier retrier(clock);
  const auto attempt = [&](int number) {
    if (number > 1) return number;
    clock.time += std::chrono::hours(2);
    throw transient();
  };
  EXPECT_EQ(retrier.run({}, "cannot put", {}, attempt), 2);
}

TEST(Retrier, WaitsAsLongAsItIsAskedTo) {
  const NoSleep clock;
  Retrier retrier(clock);
  const auto attempt = [](int number) {
    if (number > 1) return number;
    throw transient(std::chrono::seconds(30));
  };
  EXPECT_EQ(retrier.run({}, "cannot put", {}, attempt), 2);
  EXPECT_GE(clock.slept.at(0), std::chrono::seconds(30));
  EXPECT_LE(clock.slept.at(0), std::chrono::seconds(30) + backoff({}, 1, 1));
}

TEST(Retrier, DoesNotWaitLongerThanTheTotalTime) {
  const NoSleep clock;
  Retrier retrier(clock);
  const auto attempt = [](int) -> int { throw transient(std::chrono::hours(1)); };
  EXPECT_THROW(retrier.run({}, "cannot put", {}, attempt), Error);
  EXPECT_TRUE(clock.slept.empty());
}

TEST(Retrier, CountsByCause) {
  const NoSleep clock;
  Retrier retrier(clock);
  const auto attempt = [](int number) {
    if (number == 3) return;
    const std::string cause = number == 1 ? "timeout" : "HTTP 500";
    throw Error(Exit::storage, "no").with_retry({.cause = cause});
  };
  retrier.run({}, "cannot put", {}, attempt);
  retrier.run({}, "cannot put", {}, attempt);
  retrier.count("region");
  EXPECT_EQ(retrier.retries(), (RetryCounts{{"HTTP 500", 2}, {"region", 1}, {"timeout", 2}}));
}

TEST(Retrier, HearsAStopWhileItPauses) {
  const NoSleep clock;
  Retrier retrier(clock);
  std::stop_source stop;
  EXPECT_THROW(retrier.run({}, "cannot put", stop.get_token(),
                           [&](int) {
                             stop.request_stop();
                             throw transient();
                           }),
               Cancelled);
}

}  // namespace
}  // namespace pgseal
