#include "cli/drill_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_drill.h"

// tests/cli/drill_page_test.cpp opens the page in a browser.

namespace pgseal::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t find(const std::string& page, const std::string& text) {
  const std::size_t at = page.find(">" + text + "</td>");
  EXPECT_NE(at, std::string::npos) << text;
  return at;
}

TEST(DrillPage, ForbidsItselfToLoadAnything) {
  const std::string page = drill_page(test::sample_drill());
  EXPECT_THAT(page, HasSubstr("content=\"default-src &#39;none&#39;; style-src"));
  for (const char* what : {"src=", "href=", "url(", "@import", "<script", "http://", "https://"}) {
    EXPECT_THAT(page, Not(HasSubstr(what)));
  }
}

TEST(DrillPage, ShowsWhatIsWrongFirstAndThenTheLargest) {
  backupset::DrillReport report = test::sample_drill();
  report.tables.push_back(test::equal_table("small", 1, {}));
  report.tables.push_back(test::equal_table("lost", 2, {"1"}));
  report.tables.back().found.reset();
  report.tables.push_back(test::equal_table("excused", 3, {"1"}));
  report.tables.back().left_out = "no such extension";
  const std::string page = drill_page(report);
  const std::string tables = page.substr(page.find("<thead>"));
  EXPECT_LT(find(tables, "public.lost"), find(tables, "public.excused"));
  EXPECT_LT(find(tables, "public.excused"), find(tables, "public.orders"));
  EXPECT_LT(find(tables, "public.orders"), find(tables, "public.customers"));
  EXPECT_LT(find(tables, "public.customers"), find(tables, "public.small"));
}

TEST(DrillPage, SaysWithItsVerdictWhatWasLeftOut) {
  backupset::DrillReport report = test::sample_drill();
  report.tables.at(0).left_out = "no such extension";
  const std::string page = drill_page(report);
  EXPECT_THAT(page, HasSubstr("✓ Passed, 1 left out<"));
  EXPECT_THAT(page, HasSubstr("<title>Drill of shop, 2026-11-24: ok, 1 left out<"));
}

TEST(DrillPage, ShowsADrillThatNeverCompared) {
  backupset::DrillReport report = test::sample_drill();
  report.tables.clear();
  report.phases.resize(1);
  report.failure = "\"data/000001.tar.age\" is missing";
  const std::string page = drill_page(report);
  EXPECT_THAT(page, HasSubstr("but: &quot;data/000001.tar.age&quot; is missing."));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace pgseal::cli
