#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "cli/progress_pictures.h"

namespace pgseal::cli {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ProgressView, DrawsOverItselfAndGoesBackToWhereItBegan) {
  EXPECT_EQ(draw({"one"}, 80, 24), "\r\033[Jone\r");
  EXPECT_EQ(draw({"one", "two", "three"}, 80, 24), "\r\033[Jone\ntwo\nthree\033[2A\r");
}

TEST(ProgressView, NeverWrapsOrScrolls) {
  EXPECT_EQ(draw({"abcdefgh", "2", "3", "4"}, 7, 3), "\r\033[Jabc...\n2\033[1A\r");
  EXPECT_EQ(draw({"a\nb\033[9Ac"}, 80, 24), "\r\033[Ja?b?[9Ac\r");
  EXPECT_EQ(draw({"abc"}, 1, 1), "\r\033[Ja\r");
  EXPECT_EQ(draw({}, 80, 24), "\r\033[J\r");
}

TEST(TransferPicture, SaysWhatWentThroughAndHowFast) {
  engine::Progress progress;
  progress.dumped = 10 * kMiB;
  progress.compressed = 2 * kMiB;
  progress.transferred = kMiB;
  TransferPicture picture(progress, {"dumped", "compressed", "sent"});
  EXPECT_THAT(picture.lines(seconds(5)),
              ElementsAre("dumped 10.0 MiB, compressed 2.0 MiB, sent 1.0 MiB, 2.0 MiB/s, 5 s"));
  TransferPicture reading(progress, {"restored", nullptr, "read"});
  const auto line = reading.log_line(seconds(5));
  EXPECT_THAT(line.text, Not(HasSubstr("compressed")));
  EXPECT_EQ(line.fields.at("sql_bytes"), 10 * kMiB);
}

/// A backup of 400 MiB, a quarter done after ten seconds by two workers of which one is idle.
class WorkersAtWork : public testing::Test {
 protected:
  WorkersAtWork() {
    progress_.planned = 400 * kMiB;
    progress_.done = 100 * kMiB;
    progress_.totals.compressed = 20 * kMiB;
    progress_.begin(0, "public.orders 3/12");
    progress_.begin(1, "");
    progress_.add(0, 80 * kMiB);
  }
  engine::ArchiveProgress progress_;
  WorkersPicture picture_{progress_, {"copied", "the database's", "sent"}};
};

TEST_F(WorkersAtWork, HaveALineForAllAndOneEach) {
  const auto lines = picture_.lines(seconds(10));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "[#####---------------]  25% of 400.0 MiB, ratio 4.0, 8.0 MiB/s, 30 s left");
  EXPECT_EQ(lines[1], "  1     8.0 MiB/s  public.orders 3/12");
  EXPECT_EQ(lines[2], "  2                idle");
}

TEST_F(WorkersAtWork, RatesFollowThePieceOfWork) {
  (void)picture_.lines(seconds(10));
  progress_.begin(0, "public.lines 1/2");
  progress_.add(0, 4 * kMiB);
  EXPECT_EQ(picture_.lines(seconds(12))[1], "  1     2.0 MiB/s  public.lines 1/2");
  progress_.add(0, 12 * kMiB);  // 12 MiB/s of these two seconds, and 2 MiB/s before
  EXPECT_EQ(picture_.lines(seconds(13))[1], "  1     5.0 MiB/s  public.lines 1/2");
}

TEST_F(WorkersAtWork, AreOneLineInALog) {
  const auto line = picture_.log_line(seconds(10));
  EXPECT_EQ(line.text,
            "copied 80.0 MiB (25% of the database's 400.0 MiB), sent 0 B, ratio 4.0, "
            "8.0 MiB/s, 30 s left; now public.orders 3/12");
  EXPECT_EQ(line.fields.at("planned_bytes"), 400 * kMiB);
  EXPECT_EQ(line.fields.at("workers").size(), 1u);
  EXPECT_EQ(line.fields.at("workers").at(0).at("what"), "public.orders 3/12");
}

TEST_F(WorkersAtWork, NamesCannotBreakALogLine) {
  progress_.begin(0, "public.a\nb\033[2J 1/1");
  EXPECT_THAT(picture_.log_line(seconds(10)).text, HasSubstr("public.a?b?[2J 1/1"));
}

TEST(WorkersPicture, SaysThatItPlansWhileNothingIsKnown) {
  engine::ArchiveProgress progress;
  WorkersPicture picture(progress, {"loaded", "the backup's", "read"});
  EXPECT_THAT(picture.lines(seconds(2)), ElementsAre("planning, 2 s"));
}

TEST(WorkersPicture, NeverShowsMoreThanAll) {
  engine::ArchiveProgress progress;
  progress.planned = 100;
  progress.done = 200;
  WorkersPicture picture(progress, {"loaded", "the backup's", "read"});
  EXPECT_THAT(picture.lines(seconds(2))[0], HasSubstr("] 100% of 100 B"));
}

}  // namespace
}  // namespace pgseal::cli
