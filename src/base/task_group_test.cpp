#include "base/task_group.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/error.h"
#include "base/queue.h"

namespace pgseal {
namespace {

TEST(TaskGroup, FirstErrorStopsTheOthersAndIsThrown) {
  TaskGroup group;
  BoundedQueue<int> never_filled(1);
  for (int i = 0; i < 3; ++i) {
    group.run([&](const std::stop_token& stop) { (void)never_filled.pop(stop); });
  }
  group.run([](const std::stop_token&) { throw Error(Exit::storage, "the cause"); });
  try {
    group.wait();
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the cause");
  }
}

TEST(TaskGroup, CancelledNeverHidesTheCause) {
  TaskGroup group;
  group.fail(std::make_exception_ptr(Cancelled()));
  group.fail(std::make_exception_ptr(Error(Exit::storage, "the cause")));
  group.fail(std::make_exception_ptr(Error(Exit::storage, "a consequence")));
  try {
    group.wait();
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the cause");
  }
}

TEST(TaskGroup, StopsWithItsParent) {
  std::stop_source parent;
  TaskGroup group(parent.get_token());
  BoundedQueue<int> never_filled(1);
  group.run([&](const std::stop_token& stop) { (void)never_filled.pop(stop); });
  parent.request_stop();
  EXPECT_THROW(group.wait(), Cancelled);
}

TEST(TaskGroup, DestructorStopsAndJoins) {
  std::atomic<bool> ended = false;
  {
    TaskGroup group;
    BoundedQueue<int> never_filled(1);
    group.run([&](const std::stop_token& stop) {
      EXPECT_THROW((void)never_filled.pop(stop), Cancelled);
      ended = true;
    });
    group.fail(std::make_exception_ptr(Cancelled()));
    EXPECT_THROW(group.wait(), Cancelled);
  }
  EXPECT_TRUE(ended);
}

TEST(BoundedQueue, KeepsOrderAndBoundsAndEnds) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed = 0;
  TaskGroup group;
  group.run([&](const std::stop_token& stop) {
    for (int i = 0; i < 1000; ++i) {
      queue.push(i, stop);
      ++pushed;
    }
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop({})) {
    EXPECT_EQ(*item, expected);
    EXPECT_LE(pushed, expected + 4);  // two inside, one being pushed, one just taken
    ++expected;
  }
  EXPECT_EQ(expected, 1000);
  group.wait();
}

}  // namespace
}  // namespace pgseal
