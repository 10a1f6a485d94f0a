// The page of a drill's report, opened in Chromium.

#include "cli/drill_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/requirement.h"
#include "support/sample_drill.h"

namespace pgseal::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr test::Look kTelephone{.width = 360, .height = 740};

/// A drill that failed in every way, of tables with names of every kind.
backupset::DrillReport failed_drill() {
  backupset::DrillReport report = test::sample_drill();
  report.tables.push_back(
      test::equal_table("<script>document.title='taken'</script>", 9'000, {"1"}));
  report.tables.push_back(test::equal_table("Bücher und 日本語", 8'000, {"1"}));
  report.tables.push_back(test::equal_table(std::string(63, 'w'), 7'000, {"1"}));
  report.tables.push_back(test::equal_table("gone", 6'000, {"1"}));
  report.tables.back().found.reset();
  report.tables.push_back(test::equal_table("changed", 5'000, {"1", "2"}));
  report.tables.back().found = test::rows_of({"1", "3"});
  report.tables.push_back(test::equal_table("of_an_extension", 4'000, {"1"}));
  report.tables.back().left_out = "belongs to the extension postgis, which is not installed";
  report.sequences.differences = {{"SEQUENCE public.orders_id_seq", "is at 17, not at 4711"}};
  report.schema.differences = {{"INDEX public.orders_by_day", "is missing"}};
  report.restore_errors = {{"VIEW public.report", "function <b>f()</b> does not exist"}};
  report.left_out = {{"ROLE rdsadmin", "belongs to the managed server"}};
  return report;
}

class DrillPage : public testing::Test {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(test::Browser::why_not()); }
  test::Browser browser_;
};

TEST_F(DrillPage, SaysWhatPassedAndWhatFailed) {
  const std::string passed = browser_.dom(drill_page(test::sample_drill()));
  EXPECT_THAT(passed, HasSubstr("✓ Passed"));
  EXPECT_THAT(passed, HasSubstr(">public.customers</td>"));
  EXPECT_THAT(passed, Not(HasSubstr("What is wrong")));
  const std::string failed = browser_.dom(drill_page(failed_drill()));
  for (const char* text : {"✗ Failed", "TABLE public.gone", "is missing, with its 1 row",
                           "SEQUENCE public.orders_id_seq", "is at 17, not at 4711",
                           "INDEX public.orders_by_day", "VIEW public.report", "ROLE rdsadmin",
                           "public.Bücher und 日本語", "which is not installed"}) {
    EXPECT_THAT(failed, HasSubstr(text));
  }
}

TEST_F(DrillPage, RunsNothingThatATablesNameSays) {
  // The one script is the one that asks.
  EXPECT_EQ(browser_.evaluate(drill_page(failed_drill()),
                              "[document.title, document.scripts.length, "
                              "document.querySelectorAll('td b').length].join()"),
            "Drill of shop, 2026-11-24: failed,1,0");
}

TEST_F(DrillPage, ForbidsScripts) {
  std::string page = drill_page(test::sample_drill());
  page.insert(page.find("</body>"), "<script>document.title = 'it ran'</script>");
  EXPECT_THAT(browser_.dom(page), HasSubstr("<title>Drill of shop, 2026-11-24: ok</title>"));
}

TEST_F(DrillPage, LoadsNothing) {
  EXPECT_EQ(browser_.evaluate(drill_page(failed_drill()),
                              "performance.getEntriesByType('resource').length + ' ' + "
                              "document.querySelectorAll('[src], [href], [action], link').length"),
            "0 0");
}

TEST_F(DrillPage, FitsWindowsOfAnyWidth) {
  const std::string page = drill_page(failed_drill());
  for (const test::Look look : {kTelephone, test::Look{}}) {
    const std::string width = std::to_string(look.width);
    EXPECT_EQ(
        browser_.evaluate(page, "innerWidth + ' ' + document.documentElement.scrollWidth", look),
        width + " " + width);
  }
}

TEST_F(DrillPage, IsLightOrDarkAsTheReaderLikes) {
  const std::string page = drill_page(test::sample_drill());
  const std::string brightness =
      "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0] > 127";
  EXPECT_EQ(browser_.evaluate(page, brightness), "true");
  EXPECT_EQ(browser_.evaluate(page, brightness, {.dark = true}), "false");
}

TEST_F(DrillPage, IsNotEmptyToTheEye) {
  // An empty page is a few kilobytes of one colour.
  EXPECT_GT(browser_.screenshot(drill_page(test::sample_drill())).size(),
            5 * browser_.screenshot("<body></body>").size());
}

TEST_F(DrillPage, OpensWithTenThousandTables) {
  backupset::DrillReport report = test::sample_drill();
  for (int i = 0; i < 10'000; ++i) {
    report.tables.push_back(test::equal_table("part_" + std::to_string(i), 1'000, {"1"}));
  }
  EXPECT_EQ(browser_.evaluate(drill_page(report),
                              "document.querySelectorAll('td.equal').length + ' ' + "
                              "(document.body.scrollHeight > 10000 * 20)"),
            "10002 true");
}

}  // namespace
}  // namespace pgseal::cli
