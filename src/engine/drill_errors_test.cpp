#include "engine/drill_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::engine {
namespace {

using testing::ElementsAre;
using testing::Key;

postgres::TocEntry entry(int id, const std::string& kind, const std::string& name,
                         std::vector<std::string> dependencies = {}) {
  postgres::TocEntry made;
  made.dump_id = id;
  made.description = kind;
  made.tag = name;
  made.owner = "ann";
  made.section = kind == "TABLE DATA" ? postgres::Section::data : postgres::Section::pre_data;
  made.dependencies = std::move(dependencies);
  return made;
}

postgres::ArchiveToc toc() {
  postgres::ArchiveToc made;
  made.entries = {entry(1, "EXTENSION", "postgis"),
                  entry(2, "TABLE", "places", {"1"}),
                  entry(3, "TABLE DATA", "places", {"2"}),
                  entry(4, "TABLE", "plain"),
                  entry(5, "TABLE DATA", "spatial_ref_sys", {"99"}),
                  entry(6, "TABLE DATA", "plain", {"4"})};
  return made;
}

std::vector<std::string> objects(const std::vector<backupset::DrillFinding>& findings) {
  std::vector<std::string> names;
  for (const auto& finding : findings) names.push_back(finding.object);
  return names;
}

TEST(JudgeErrors, ExcusesAMissingExtensionWithAllThatNeedsIt) {
  ArchiveRestoreReport restored;
  restored.errors = {{1, "EXTENSION postgis", "ERROR:  extension \"postgis\" is not available"},
                     {2, "TABLE places", "ERROR:  type \"geometry\" does not exist"},
                     {5, "TABLE DATA spatial_ref_sys", "ERROR:  relation does not exist"},
                     {6, "TABLE DATA plain", "ERROR:  value too long"}};
  restored.error_count = 4;
  const auto judged = judge_errors(toc(), restored);
  EXPECT_THAT(objects(judged.errors), ElementsAre("TABLE DATA plain"));
  EXPECT_THAT(judged.excuses, ElementsAre(Key(1), Key(2), Key(3), Key(5)));
  EXPECT_EQ(judged.excuses.at(3), "it needs EXTENSION postgis");
}

TEST(JudgeErrors, ExcusesByAMissingRoleNeitherRowsNorWhatNamesAnother) {
  ArchiveRestoreReport restored;
  restored.errors = {{2, "TABLE places", "ERROR:  role \"bob\" does not exist"},
                     {4, "TABLE plain", "ERROR:  role \"ann\" does not exist"},
                     {6, "TABLE DATA plain", "ERROR:  role \"ann\" does not exist"}};
  restored.error_count = 3;
  const auto judged = judge_errors(toc(), restored);
  EXPECT_THAT(objects(judged.errors), ElementsAre("TABLE places", "TABLE DATA plain"));
  EXPECT_THAT(judged.excuses, ElementsAre(Key(4)));
}

TEST(JudgeErrors, ExcusesMissingRolesAndWhatManagedServersRefuseAndNothingElse) {
  ArchiveRestoreReport restored;
  restored.errors = {{4, "TABLE plain", "ERROR:  role \"ann\" does not exist"},
                     {5, "TABLE DATA spatial_ref_sys", "ERROR:  relation does not exist"}};
  restored.left_out = {{2, "TABLE places", "the provider owns it"},
                       {0, "pg_restore", "the server does not know a setting"}};
  restored.error_count = 7;
  const auto judged = judge_errors(toc(), restored);
  EXPECT_THAT(objects(judged.errors), ElementsAre("TABLE DATA spatial_ref_sys", ""));
  EXPECT_EQ(judged.errors.back().text, "5 more errors, which pg_restore counted and did not name");
  EXPECT_THAT(judged.excuses, ElementsAre(Key(2), Key(4)));
}

}  // namespace
}  // namespace pgseal::engine
