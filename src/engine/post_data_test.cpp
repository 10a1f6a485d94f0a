#include "engine/post_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace pgseal::engine {
namespace {

using testing::ElementsAre;

postgres::TocEntry entry(int id, const std::string& description, const std::string& tag,
                         std::vector<std::string> dependencies = {}) {
  postgres::TocEntry made;
  made.dump_id = id;
  made.description = description;
  made.tag = tag;
  made.schema = "public";
  made.dependencies = std::move(dependencies);
  return made;
}

backupset::Table table(const std::string& name, std::uint64_t size) {
  backupset::RowsFingerprint row;
  row.add(as_bytes("a row"));
  backupset::Table made{.schema = "public", .name = name, .data_file = "1.dat"};
  made.segments.push_back(
      {.chunks = {{.place = {.object = "o", .file = "f", .content_size = size}, .rows = row}}});
  return made;
}

/// Two tables, "large" and "small"; an index each, keys, a foreign key from one to the other, and
/// what is no step.
class PostData : public testing::Test {
 protected:
  PostData() {
    toc_.entries = {entry(1, "TABLE", "large"),
                    entry(2, "TABLE", "small"),
                    entry(10, "INDEX", "small_i", {"2"}),
                    entry(11, "INDEX", "large_i", {"1"}),
                    entry(12, "INDEX", "large_j", {"1"}),
                    entry(13, "CONSTRAINT", "small large_pkey", {"2"}),
                    entry(14, "TRIGGER", "t", {"1"}),
                    entry(15, "FK CONSTRAINT", "fk", {"1", "2", "13"}),
                    entry(16, "INDEX", "on a rule", {"14"})};
    catalog_.tables = {table("large", 1000), table("small", 10)};
  }

  static const BuildStep* next(BuildSchedule& schedule) {
    // Where nothing may run, it waits: so that is asked with a stop.
    std::stop_source stop;
    stop.request_stop();
    try {
      return schedule.next(stop.get_token());
    } catch (const Cancelled&) {
      return nullptr;
    }
  }
  static int id(const BuildStep* step) { return step == nullptr ? 0 : step->entry->dump_id; }

  postgres::ArchiveToc toc_;
  backupset::Catalog catalog_;
};

TEST_F(PostData, StepsAreIndexesAndConstraintsThatDependOnNothingElse) {
  const PostDataPlan plan = plan_post_data(toc_, {10, 11, 12, 13, 14, 15, 16}, {11}, catalog_);
  std::vector<int> steps;
  for (const BuildStep& step : plan.steps) steps.push_back(id(&step));
  EXPECT_THAT(steps, ElementsAre(10, 12, 13, 15));  // 11 is built already
  EXPECT_THAT(plan.rest, ElementsAre(14, 16));
  const BuildStep& foreign_key = plan.steps.back();
  EXPECT_THAT(foreign_key.after, ElementsAre(2));
  EXPECT_THAT(foreign_key.tables, ElementsAre(1, 2));
  EXPECT_TRUE(foreign_key.exclusive);
  EXPECT_FALSE(plan.steps.front().exclusive);
  EXPECT_EQ(foreign_key.size, 1010u);
}

TEST_F(PostData, StepsRunBiggestFirstAndNeverWaitForALock) {
  const PostDataPlan plan = plan_post_data(toc_, {10, 11, 12, 13, 15}, {}, catalog_);
  BuildSchedule schedule(plan.steps);
  const BuildStep* first = next(schedule);
  const BuildStep* second = next(schedule);
  const BuildStep* third = next(schedule);
  EXPECT_EQ(id(first), 11);            // of the large table
  EXPECT_EQ(id(second), 12);           // beside it
  EXPECT_EQ(id(third), 10);            // the small one's index; the foreign key waits for its key
  EXPECT_EQ(next(schedule), nullptr);  // the key would wait for the index
  schedule.finished(*third);
  const BuildStep* key = next(schedule);
  EXPECT_EQ(id(key), 13);
  schedule.finished(*key);
  EXPECT_EQ(next(schedule), nullptr);  // the foreign key would wait for the large table's indexes
  schedule.finished(*first);
  EXPECT_EQ(next(schedule), nullptr);
  schedule.finished(*second);
  EXPECT_EQ(id(next(schedule)), 15);
  EXPECT_EQ(schedule.next({}), nullptr);  // none is left
}

TEST_F(PostData, AWaitingWorkerGetsWhatBecomesFree) {
  const PostDataPlan plan = plan_post_data(toc_, {13, 15}, {}, catalog_);
  BuildSchedule schedule(plan.steps);
  const BuildStep* key = schedule.next({});
  const BuildStep* found = nullptr;
  std::thread worker([&] { found = schedule.next({}); });
  schedule.finished(*key);
  worker.join();
  EXPECT_EQ(id(found), 15);
}

}  // namespace
}  // namespace pgseal::engine
