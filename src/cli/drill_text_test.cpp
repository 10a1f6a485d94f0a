#include "cli/drill_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_drill.h"

namespace pgseal::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DrillText, SaysWhatPassed) {
  const backupset::DrillReport report = test::sample_drill();
  EXPECT_EQ(drill_line(report),
            "drilled \"shop/20261124T041500Z-abcdefgh\": restored into a throw-away PostgreSQL "
            "15.10, 2 of 2 tables equal (3 rows, 478.5 KiB) in 1 min 23 s");
  const std::string text = drill_text(report);
  EXPECT_THAT(text,
              HasSubstr("PHASE           TOOK\nprove           800 ms\nstart           2.1 s\n"));
  EXPECT_THAT(text, HasSubstr("TABLE             ROWS  FOUND  SIZE       STORED    MATCH\n"
                              "public.orders     2     2      390.6 KiB  97.7 KiB  equal\n"));
  EXPECT_THAT(text, HasSubstr("2 sequences, 1 large object, 17 objects of the schema\n"));
  EXPECT_THAT(text, Not(HasSubstr("DIFFERENT")));
  EXPECT_THAT(text, Not(HasSubstr("LEFT OUT")));
}

TEST(DrillText, NamesEachThingThatIsWrong) {
  backupset::DrillReport report = test::sample_drill();
  const auto add = [&](const char* name, std::optional<backupset::RowsFingerprint> found) {
    report.tables.push_back(test::equal_table(name, 1, {"1", "2"}));
    report.tables.back().found = found;
  };
  add("lost_a_row", test::rows_of({"1"}));
  add("changed", test::rows_of({"1", "3"}));
  add("gone", std::nullopt);
  add("new", test::rows_of({"1"}));
  report.tables.back().expected.reset();
  report.sequences.differences = {{"SEQUENCE public.s", "is at 1, not at 2"}};
  report.restore_errors = {{"VIEW public.v", "no such function"}};
  report.left_out = {{"ROLE rdsadmin", "belongs to the managed server"}};
  const std::string text = drill_text(report);
  EXPECT_THAT(text, HasSubstr("TABLE public.lost_a_row  has 1 row, not 2\n"));
  EXPECT_THAT(text, HasSubstr("TABLE public.changed     has 2 rows, as many as in the backup, but "
                              "other contents: fingerprint "));
  EXPECT_THAT(text, HasSubstr("TABLE public.gone        is missing, with its 2 rows\n"));
  EXPECT_THAT(text, HasSubstr("TABLE public.new         is not in the backup, and has 1 row\n"));
  EXPECT_THAT(text, HasSubstr("SEQUENCE public.s        is at 1, not at 2\n"));
  EXPECT_THAT(text, HasSubstr("RESTORE ERROR\nVIEW public.v  no such function\n"));
  EXPECT_THAT(text, HasSubstr("LEFT OUT\nROLE rdsadmin  belongs to the managed server\n"));
  EXPECT_EQ(drill_line(report),
            "the drill of \"shop/20261124T041500Z-abcdefgh\" failed after 1 min 23 s: 5 "
            "differences, 1 restore error");
}

TEST(DrillText, SaysThatNothingWasProved) {
  backupset::DrillReport report = test::sample_drill();
  for (auto& table : report.tables) table.left_out = "no such extension";
  EXPECT_THAT(drill_line(report), HasSubstr("failed after 1 min 23 s: every table was left out"));
}

TEST(DrillText, SaysOfABadSignatureWhatItIsAndOfNoServerNoVersion) {
  backupset::DrillReport report = test::sample_drill();
  report.authenticity = backupset::Authenticity::refused;
  report.target_version = "";
  EXPECT_EQ(authenticity_text(report), "refused: not signed as it has to be");
  EXPECT_EQ(target_text(report), "a throw-away PostgreSQL");
}

TEST(DrillText, SaysWhereWhatWasLeftOutFailsTheDrill) {
  backupset::DrillReport report = test::sample_drill();
  report.tables.at(0).left_out = "no such extension";
  EXPECT_THAT(drill_line(report), HasSubstr("1 of 2 tables equal"));
  EXPECT_THAT(drill_line(report), HasSubstr("; 1 left out"));
  report.strict = true;
  EXPECT_THAT(drill_line(report), HasSubstr("failed after 1 min 23 s: 1 left out"));
}

}  // namespace
}  // namespace pgseal::cli
