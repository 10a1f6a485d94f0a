#include "engine/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A database with one large object.
DatabaseContent with_large_object(const std::string& owner, std::uint64_t size) {
  postgres::TocEntry entry;
  entry.dump_id = 1;
  entry.description = "BLOB";
  entry.tag = "4711";
  entry.owner = owner;
  DatabaseContent content{.name = "backup", .toc = {}, .catalog = {}};
  content.toc.entries = {entry};
  content.catalog.large_objects.emplace_back();
  content.catalog.large_objects.back().objects.emplace_back();
  content.catalog.large_objects.back().objects.back().oid = 4711;
  content.catalog.large_objects.back().objects.back().size = size;
  return content;
}

std::vector<std::string> texts(const std::vector<backupset::DrillFinding>& findings) {
  std::vector<std::string> texts;
  for (const auto& finding : findings) texts.push_back(finding.object + ": " + finding.text);
  return texts;
}

TEST(Comparison, ExcusesTheOwnerOfALargeObjectAndNotItsBytes) {
  const DatabaseContent backup = with_large_object("ann", 5);
  const ComparisonRules rules{.excuses = {{1, "there is no such role"}}};
  const auto owner = compare(backup, with_large_object("bob", 5), rules);
  EXPECT_THAT(owner.large_objects.differences, IsEmpty());
  EXPECT_THAT(texts(owner.left_out),
              ElementsAre("LARGE OBJECT 4711: belongs to \"bob\", not \"ann\": there is no such "
                          "role"));
  EXPECT_THAT(texts(compare(backup, with_large_object("bob", 5), {}).large_objects.differences),
              ElementsAre("LARGE OBJECT 4711: belongs to \"bob\", not \"ann\""));
  EXPECT_THAT(texts(compare(backup, with_large_object("bob", 6), rules).large_objects.differences),
              ElementsAre("LARGE OBJECT 4711: has 6 bytes, not 5"));
}

}  // namespace
}  // namespace pgseal::engine
