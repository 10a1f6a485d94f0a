#include "store/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace pgseal::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Remembers how long it would have slept.
class NoSleep final : public Clock {
 public:
  TimePoint now() const override { return {}; }
  nanoseconds monotonic() const override { return {}; }
  void sleep(nanoseconds duration, const std::stop_token& stop) const override {
    if (stop.stop_requested()) throw Cancelled();
    slept.push_back(duration);
  }
  mutable std::vector<nanoseconds> slept;
};

Error transient() { return Error(Exit::storage, "slow down").with_retry(); }

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
  EXPECT_EQ(retrier.retries(), 3u);
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
}  // namespace pgseal::store
