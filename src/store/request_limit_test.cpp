#include "store/request_limit.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "base/error.h"

namespace pgseal::store {
namespace {

/// Requests on their way at once.
class Requests {
 public:
  explicit Requests(int count) { add(count); }
  void add(int count) {
    while (count-- > 0) slots.emplace_back([&] { return limit.enter({}); });
  }
  /// Whether one more would have to wait.
  bool full() {
    std::stop_source stop;
    stop.request_stop();
    try {
      const RequestLimit::Slot slot = limit.enter(stop.get_token());
      return false;
    } catch (const Cancelled&) {
      return true;
    }
  }
  RequestLimit limit;
  /// Made in place: a slot cannot be moved.
  struct Held {
    template <typename Enter>
    explicit Held(Enter enter) : slot(enter()) {}
    RequestLimit::Slot slot;
  };
  std::deque<Held> slots;
};

TEST(RequestLimit, IsNoneAtFirst) {
  Requests requests(1000);
  EXPECT_FALSE(requests.full());
}

TEST(RequestLimit, HalvesThoseOnTheirWay) {
  Requests requests(8);
  EXPECT_EQ(requests.slots[0].slot.slow_down(), 4);
  while (requests.slots.size() > 4) requests.slots.pop_back();
  EXPECT_TRUE(requests.full());
  requests.slots.pop_back();
  EXPECT_FALSE(requests.full());
}

TEST(RequestLimit, IsLoweredOnceForRequestsThatWereOnTheirWayTogether) {
  Requests requests(8);
  EXPECT_EQ(requests.slots[0].slot.slow_down(), 4);
  EXPECT_EQ(requests.slots[1].slot.slow_down(), std::nullopt);
  EXPECT_EQ(requests.slots[7].slot.slow_down(), std::nullopt);
  requests.slots.clear();
  requests.add(4);
  EXPECT_EQ(requests.slots[0].slot.slow_down(), 2);
}

TEST(RequestLimit, AlwaysLeavesRoomForOne) {
  Requests requests(2);
  EXPECT_EQ(requests.slots[0].slot.slow_down(), 1);
  requests.slots.clear();
  for (int i = 0; i < 3; ++i) {
    requests.add(1);
    EXPECT_EQ(requests.slots[0].slot.slow_down(), std::nullopt);
    requests.slots.clear();
  }
  EXPECT_FALSE(requests.full());
}

TEST(RequestLimit, RisesByOneWithARoundOfGoodAnswers) {
  Requests requests(8);
  requests.slots[0].slot.slow_down();
  requests.slots.clear();
  for (const int limit : {4, 5, 6}) {
    requests.add(limit);
    EXPECT_TRUE(requests.full()) << limit;
    for (auto& held : requests.slots) held.slot.went_well();
    EXPECT_FALSE(requests.full()) << limit;
    requests.slots.clear();
  }
}

TEST(RequestLimit, BeginsARoundAnewWithEveryComplaint) {
  Requests requests(4);
  requests.slots[0].slot.slow_down();
  requests.slots.clear();
  requests.add(2);
  requests.slots[0].slot.went_well();
  EXPECT_EQ(requests.slots[1].slot.slow_down(), 1);
  requests.slots.clear();
  requests.add(1);
  EXPECT_TRUE(requests.full());
}

TEST(RequestLimit, LetsTheNextInWhereOneEnds) {
  Requests requests(2);
  requests.slots[0].slot.slow_down();
  requests.slots.pop_back();
  std::thread waiting([&] { const RequestLimit::Slot slot = requests.limit.enter({}); });
  requests.slots.pop_back();
  waiting.join();
}

TEST(RequestLimit, HearsAStopWhileItWaits) {
  Requests requests(2);
  requests.slots[0].slot.slow_down();
  std::stop_source stop;
  std::thread waiting(
      [&] { EXPECT_THROW((void)requests.limit.enter(stop.get_token()), Cancelled); });
  stop.request_stop();
  waiting.join();
}

}  // namespace
}  // namespace pgseal::store
