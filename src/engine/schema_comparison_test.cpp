#include "engine/schema_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::engine {
namespace {

using postgres::TocEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TocEntry entry(int id, const std::string& kind, const std::string& name,
               const std::string& definition, const std::string& owner = "ann") {
  TocEntry made;
  made.dump_id = id;
  made.description = kind;
  made.schema = "s";
  made.tag = name;
  made.definition = definition;
  made.owner = owner;
  return made;
}

DatabaseContent content(std::vector<TocEntry> entries) {
  DatabaseContent made{.name = "backup", .toc = {}, .catalog = {}};
  made.toc.entries = std::move(entries);
  made.toc.server_version = made.toc.pg_dump_version = "15.18";
  return made;
}

/// "kind s.name: how" of what differs, and of what is left out.
struct Result {
  std::vector<std::string> differences, left_out;
};

Result result_of(const DatabaseContent& expected, const DatabaseContent& found,
                 const ComparisonRules& rules = {}) {
  backupset::Comparison comparison;
  compare_schema(expected, found, rules, comparison);
  Result result;
  for (const auto& f : comparison.schema.differences) {
    result.differences.push_back(f.object + ": " + f.text);
  }
  for (const auto& f : comparison.left_out) result.left_out.push_back(f.object + ": " + f.text);
  return result;
}

TEST(SchemaComparison, NamesWhatIsMissingChangedAndNew) {
  const auto result = result_of(
      content({entry(1, "TABLE", "t", "CREATE TABLE s.t (\n    a integer,\n    b text\n);\n"),
               entry(2, "INDEX", "i", "CREATE INDEX i;\n")}),
      content({entry(7, "TABLE", "t", "CREATE TABLE s.t (\n    a integer,\n    b bytea\n);\n"),
               entry(9, "VIEW", "v", "CREATE VIEW v;\n")}));
  EXPECT_THAT(result.differences,
              ElementsAre("INDEX s.i: is missing", "TABLE s.t: has \"b bytea\", not \"b text\"",
                          "VIEW s.v: is not in the backup"));
}

TEST(SchemaComparison, TakesNamesakesTogetherThatAreEqual) {
  const auto plus = entry(1, "OPERATOR", "+", "CREATE OPERATOR + (RIGHTARG = integer);\n");
  const auto binary = entry(2, "OPERATOR", "+", "CREATE OPERATOR + (LEFTARG = text);\n");
  EXPECT_THAT(result_of(content({plus, binary}), content({binary, plus})).differences, IsEmpty());
  EXPECT_THAT(result_of(content({plus, binary}), content({binary})).differences,
              ElementsAre("OPERATOR s.+: is missing"));
}

TEST(SchemaComparison, MindsNoOrderOfGrantsAndOfRolesInAPolicy) {
  const auto expected =
      content({entry(1, "ACL", "TABLE t", "GRANT SELECT ON t TO a;\nGRANT SELECT ON t TO b;\n"),
               entry(2, "POLICY", "t p",
                     "CREATE POLICY p ON s.t FOR SELECT TO a, \"b TO\" USING (true);\n")});
  const auto found = content(
      {entry(3, "ACL", "TABLE t", "GRANT SELECT ON t TO b;\nGRANT SELECT ON t TO a;\n", "eve"),
       entry(4, "POLICY", "t p",
             "CREATE POLICY p ON s.t FOR SELECT TO \"b TO\", a USING (true);\n")});
  EXPECT_THAT(result_of(expected, found).differences, IsEmpty());
  const auto other = content(
      {entry(3, "ACL", "TABLE t", "GRANT SELECT ON t TO b;\n"),
       entry(4, "POLICY", "t p", "CREATE POLICY p ON s.t FOR SELECT TO a USING (true);\n")});
  EXPECT_EQ(result_of(expected, other).differences.size(), 2u);
}

TEST(SchemaComparison, TellsOwnersUnlessNoneWasKept) {
  const auto expected = content({entry(1, "TABLE", "t", "x\n", "ann")});
  EXPECT_THAT(result_of(expected, content({entry(1, "TABLE", "t", "x\n", "bob")})).differences,
              ElementsAre("TABLE s.t: belongs to \"bob\", not \"ann\""));
  EXPECT_THAT(result_of(expected, content({entry(1, "TABLE", "t", "x\n", "")})).differences,
              IsEmpty());
}

TEST(SchemaComparison, KnowsAnObjectWithQuotesOnItsName) {
  EXPECT_THAT(result_of(content({entry(1, "COMMENT", "TABLE json", "x\n")}),
                        content({entry(1, "COMMENT", "TABLE \"json\"", "x\n")}))
                  .differences,
              IsEmpty());
}

TEST(SchemaComparison, TellsNoDefinitionThatMayHoldASecret) {
  const auto result =
      result_of(content({entry(1, "USER MAPPING", "m", "OPTIONS (password 'first');\n")}),
                content({entry(1, "USER MAPPING", "m", "OPTIONS (password 'second');\n")}));
  EXPECT_THAT(result.differences, ElementsAre("USER MAPPING s.m: is defined in other words"));
}

TEST(SchemaComparison, TellsNoLineOfATableThatMayHoldAText) {
  const auto table = [](const std::string& columns) {
    return content({entry(1, "TABLE", "t", "CREATE TABLE s.t (\n" + columns + "\n);\n")});
  };
  EXPECT_THAT(result_of(table("    a text DEFAULT 'first'"), table("    a text")).differences,
              ElementsAre("TABLE s.t: is defined in other words"));
  EXPECT_THAT(
      result_of(table("    a text DEFAULT 'one\nfirst'"), table("    a text DEFAULT 'one\nsecond'"))
          .differences,
      ElementsAre("TABLE s.t: is defined in other words"));
  EXPECT_THAT(result_of(table("    a int,\n    b text DEFAULT 'x'"),
                        table("    b int,\n    b text DEFAULT 'x'"))
                  .differences,
              ElementsAre("TABLE s.t: has \"b int\", not \"a int\""));
  EXPECT_THAT(result_of(content({entry(1, "TRIGGER", "t g", "CREATE TRIGGER EXECUTE f(a);\n")}),
                        content({entry(1, "TRIGGER", "t g", "CREATE TRIGGER EXECUTE f(b);\n")}))
                  .differences,
              ElementsAre("TRIGGER s.t g: is defined in other words"));
}

TEST(SchemaComparison, ReadsAPolicyWhoeverWroteIt) {
  for (const char* forged : {"CREATE POLICY", "CREATE POLICY p", "CREATE POLICY p ON s.t",
                             "CREATE POLICY p ON s.t TO "}) {
    const auto one = content({entry(1, "POLICY", "t p", forged)});
    EXPECT_THAT(result_of(one, one).differences, IsEmpty()) << forged;
  }
}

TEST(SchemaComparison, LeavesOutTheWordsOfOtherVersionsOnly) {
  auto found =
      content({entry(1, "VIEW", "v", "SELECT t.a;\n"), entry(2, "VIEW", "w", "x\n", "bob")});
  found.toc.server_version = "17.6";
  const auto result =
      result_of(content({entry(1, "VIEW", "v", "SELECT a;\n"), entry(2, "VIEW", "w", "x\n", "ann"),
                         entry(3, "VIEW", "lost", "x\n")}),
                found);
  EXPECT_THAT(result.differences,
              ElementsAre("VIEW s.lost: is missing", "VIEW s.w: belongs to \"bob\", not \"ann\""));
  ASSERT_EQ(result.left_out.size(), 1u);
  EXPECT_THAT(result.left_out[0], HasSubstr("VIEW s.v: is defined in other words (worded by "));
}

TEST(SchemaComparison, LeavesOutWhatHasAnExcuseAndWhatAPartLacks) {
  auto expected = content({entry(1, "EXTENSION", "e", "x\n")});
  expected.pg_dump_options = {"--table", "--no-owner"};
  const auto result = result_of(expected, content({entry(5, "VIEW", "v", "x\n")}),
                                {.excuses = {{1, "nobody has it"}}});
  EXPECT_THAT(result.differences, IsEmpty());
  EXPECT_THAT(result.left_out,
              ElementsAre("EXTENSION s.e: is missing: nobody has it",
                          "VIEW s.v: is not in the backup, which was made with --table"));
}

}  // namespace
}  // namespace pgseal::engine
