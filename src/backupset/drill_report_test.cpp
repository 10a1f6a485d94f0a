#include "backupset/drill_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/documented_commands.h"
#include "support/sample_drill.h"

namespace pgseal::backupset {
namespace {

using test::rows_of;
using test::sample_drill;

TEST(DrillReport, PassesWhereAllIsEqual) {
  const DrillReport report = sample_drill();
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.difference_count(), 0u);
}

TEST(DrillReport, TellsHowATableCompares) {
  const auto match = [](std::optional<RowsFingerprint> expected,
                        std::optional<RowsFingerprint> found, const char* left_out = "") {
    DrillTable table;
    table.expected = expected;
    table.found = found;
    table.left_out = left_out;
    return table.match();
  };
  EXPECT_EQ(match(rows_of({"a", "b"}), rows_of({"b", "a"})), TableMatch::equal);
  EXPECT_EQ(match(rows_of({}), rows_of({})), TableMatch::equal);
  EXPECT_EQ(match(rows_of({"a"}), rows_of({"b"})), TableMatch::differs);
  EXPECT_EQ(match(rows_of({"a"}), rows_of({"a", "a"})), TableMatch::differs);
  EXPECT_EQ(match(rows_of({}), std::nullopt), TableMatch::missing);
  EXPECT_EQ(match(std::nullopt, rows_of({})), TableMatch::extra);
  EXPECT_EQ(match(rows_of({"a"}), std::nullopt, "no such extension"), TableMatch::left_out);
}

TEST(DrillReport, FailsForEachThingThatIsWrong) {
  const std::vector<std::function<void(DrillReport&)>> faults{
      [](DrillReport& report) { report.tables.at(0).found = rows_of({"1\tchanged"}); },
      [](DrillReport& report) { report.tables.at(1).found.reset(); },
      [](DrillReport& report) { report.tables.at(1).expected.reset(); },
      [](DrillReport& report) {
        report.sequences.differences.push_back({"SEQUENCE s", "is 1"});
      },
      [](DrillReport& report) {
        report.large_objects.differences.push_back({"1", "is gone"});
      },
      [](DrillReport& report) {
        report.schema.differences.push_back({"INDEX i", "is missing"});
      },
      [](DrillReport& report) {
        report.restore_errors.push_back({"VIEW v", "syntax error"});
      },
      [](DrillReport& report) { report.failure = "cannot read \"data/000001.tar.age\""; }};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    DrillReport report = sample_drill();
    faults[i](report);
    EXPECT_FALSE(report.passed()) << "fault " << i;
    EXPECT_FALSE(report.summary().passed) << "fault " << i;
    EXPECT_EQ(Json::parse(report.to_json()).at("verdict"), "failed") << "fault " << i;
  }
}

TEST(DrillReport, FailsForWhatWasLeftOutOnlyWhereItIsStrict) {
  DrillReport report = sample_drill();
  report.left_out.push_back({"EXTENSION postgis", "is not installed here"});
  EXPECT_TRUE(report.passed());
  report.strict = true;
  EXPECT_FALSE(report.passed());
  report.left_out.clear();
  EXPECT_TRUE(report.passed());
  report.tables.at(0).left_out = "belongs to an extension that is not there";
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.left_out_count(), 1u);
}

TEST(DrillReport, FailsWhereNoTableOfTheBackupWasCompared) {
  DrillReport report = sample_drill();
  report.tables.at(0).left_out = "it needs an extension that is not there";
  EXPECT_TRUE(report.passed());
  report.tables.at(1).left_out = report.tables.at(0).left_out;
  report.tables.push_back(report.tables.at(1));
  report.tables.back().expected.reset();
  EXPECT_FALSE(report.passed());
  report.tables.erase(report.tables.begin(), report.tables.begin() + 2);
  EXPECT_TRUE(report.passed()) << "the backup has no table";
}

TEST(DrillReport, SaysInItsSummaryHowMuchWasLeftOut) {
  DrillReport report = sample_drill();
  report.left_out = {{"EXTENSION postgis", "is not installed here"}};
  report.tables.at(0).left_out = "it needs EXTENSION postgis";
  const DrillSummary summary = DrillSummary::parse(report.summary().to_json());
  EXPECT_EQ(summary.left_out, 2u);
  EXPECT_EQ(verdict_text(summary.passed, summary.left_out), "ok, 2 left out");
  EXPECT_EQ(verdict_text(true, 0), "ok");
  EXPECT_EQ(verdict_text(false, 2), "failed");
}

TEST(DrillReport, WritesNamesOfAnyEncoding) {
  DrillReport report = sample_drill();
  report.tables.at(0).name = "gr\xF6\xDF";
  report.left_out.push_back({"TABLE gr\xF6\xDF", "says \"\xFF\""});
  const Json json = Json::parse(report.to_json());
  EXPECT_EQ(json.at("tables").at(0).at("name").at("hex"), "6772f6df");
  EXPECT_EQ(json.at("left_out").at(0).at("text").at("hex"),
            "7361797320"
            "22ff22");
}

TEST(DrillReport, IsCanonical) {
  const std::string text = sample_drill().to_json();
  EXPECT_EQ(Json::parse(text).dump() + "\n", text);
}

constexpr const char* kPage = "doc/formats/drill-report.md";

TEST(DrillReport, IsAsItsPageShowsIt) {
  DrillReport report;
  report.backup = "greetings/20261124T153512Z-hgorgdil";
  report.database = "greetings";
  report.taken = *parse_utc("2026-11-24T15:35:12Z");
  report.stored_size = 3377;
  report.server_version = report.pg_dump_version = report.target_version = "15.18";
  report.recipients = {"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"};
  report.authenticity = Authenticity::verified;
  report.signer = "F1C2999058BBD811";
  report.begun = *parse_utc("2026-11-24T16:00:00Z");
  report.finished = *parse_utc("2026-11-24T16:00:03Z");
  report.pgseal_version = "0.1.0";
  report.phases = {{"start", std::chrono::milliseconds(1900)},
                   {"data", std::chrono::milliseconds(700)}};
  report.tables = {{.schema = "public",
                    .name = "greeting",
                    .content_size = 13,
                    .stored_size = 26,
                    .expected = rows_of({"1\thello", "2\t\\N"}),
                    .found = rows_of({"2\t\\N", "1\thello"})}};
  report.large_objects.compared = 1;
  report.schema.compared = 3;
  report.left_out = {{"ROLE rdsadmin", "belongs to the managed server"}};
  EXPECT_EQ(report.to_json(), test::documented_line(kPage, "report"));
  EXPECT_EQ(report.summary().to_json(), test::documented_line(kPage, "summary"));
}

}  // namespace
}  // namespace pgseal::backupset
