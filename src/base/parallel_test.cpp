#include "base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>

namespace pgseal {
namespace {

TEST(ForEachParallel, DoesEachItemOnceOnNoMoreThreadsThanAreAllowed) {
  std::vector<int> items(100);
  for (int i = 0; i < 100; ++i) items[static_cast<std::size_t>(i)] = i;
  std::mutex mutex;
  std::multiset<int> done;
  for_each_parallel(items, 3, {}, [&](int item, std::size_t thread, const std::stop_token&) {
    const std::lock_guard lock(mutex);
    EXPECT_LT(thread, 3u);
    done.insert(item);
  });
  EXPECT_THAT(done, testing::ElementsAreArray(items));
  for_each_parallel(std::vector<int>(), 3, {},
                    [](int, std::size_t, const std::stop_token&) { FAIL() << "nothing to do"; });
}

TEST(ForEachParallel, TheFirstErrorStopsTheRest) {
  std::atomic<int> begun{0};
  const auto fail = [&](int, std::size_t, const std::stop_token&) {
    ++begun;
    throw Error(Exit::storage, "the cause");
  };
  EXPECT_THROW(for_each_parallel(std::vector<int>(1000), 2, {}, fail), Error);
  EXPECT_LE(begun, 2);
}

TEST(ForEachParallel, AStopIsHeard) {
  std::stop_source stop;
  stop.request_stop();
  const auto never = [](int, std::size_t, const std::stop_token&) { FAIL() << "was stopped"; };
  EXPECT_THROW(for_each_parallel(std::vector<int>(2), 1, stop.get_token(), never), Cancelled);
}

}  // namespace
}  // namespace pgseal
