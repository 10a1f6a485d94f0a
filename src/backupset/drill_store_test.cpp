#include "backupset/drill_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backupset/drill_report.h"
#include "base/error.h"
#include "support/fake_s3.h"
#include "support/requirement.h"
#include "support/s3_place.h"
#include "support/sample_archive.h"
#include "support/sample_drill.h"
#include "support/store_conformance.h"

namespace pgseal::backupset {
namespace {

using test::SampleArchive;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

DrillSummary summary_at(const char* begun, bool passed = true) {
  DrillSummary summary = test::sample_drill().summary();
  summary.begun = *parse_utc(begun);
  summary.finished = summary.begun + std::chrono::seconds(9);
  summary.passed = passed;
  return summary;
}

TEST(DrillSummary, IsReadAsItWasWritten) {
  for (const bool passed : {true, false}) {
    const DrillSummary summary = summary_at("2026-11-20T04:15:00Z", passed);
    EXPECT_EQ(DrillSummary::parse(summary.to_json()), summary);
  }
}

TEST(DrillSummary, RefusesWhatIsNone) {
  const std::string good = summary_at("2026-11-20T04:15:00Z").to_json();
  const auto refusal = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    try {
      (void)DrillSummary::parse(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification);
      return error.message();
    }
    return "";
  };
  EXPECT_THAT(refusal("\"ok\"", "\"good\""), HasSubstr("\"verdict\" is neither"));
  EXPECT_THAT(refusal("\"ok\"", "true"), HasSubstr("\"verdict\""));
  EXPECT_THAT(refusal("-20T", "-40T"), HasSubstr("\"begun\" is no time"));
  EXPECT_THAT(refusal("shop/", "shop/../"), HasSubstr("\"backup\" is no backup's name"));
  EXPECT_THAT(refusal("pgseal-drill", "pgseal-archive"), HasSubstr("format"));
  EXPECT_THAT(refusal("\"version\":1", "\"version\":2"), HasSubstr("version"));
  EXPECT_THAT(refusal("{", "{\"a\":1,"), HasSubstr("\"a\""));
  EXPECT_THAT(refusal("{", "{ "), HasSubstr("canonical"));
}

/// A store with one backup.
class DrillStore : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(SampleArchive::why_not());
    archive_.emplace();
  }
  [[nodiscard]] StoredDrill drill(const DrillSummary& summary) const {
    return {.place = archive_->place(),
            .summary = summary,
            .report = {.text = "the report\n", .signature = "its signature\n"},
            .page = "the page\n",
            .recipients = {crypto::AgeRecipient::parse(
                archive_->sh_ok("age-keygen -y identity | tr -d '\\n'"))}};
  }
  std::string store(const StoredDrill& drill, const crypto::MinisignSecretKey* key = nullptr) {
    return store_drill(archive_->store(), drill, key, {});
  }
  ArchiveEntry entry() { return list_archives(archive_->store(), "", {}).at(0); }

  std::optional<SampleArchive> archive_;
};

TEST_F(DrillStore, IsReadByStockPrograms) {
  const auto key = crypto::MinisignSecretKey::generate();
  const std::string summary = store(drill(summary_at("2026-11-24T06:00:00Z")), &key);
  EXPECT_THAT(summary,
              MatchesRegex("shop/20261124T041500Z-abcdefgh/drill/20261124T060000Z-[a-z]*.json"));
  const std::string path = archive_->path(summary.substr(archive_->place().name().size() + 1));
  EXPECT_THAT(archive_->sh_ok("minisign -Vm " + path + " -P " + key.public_key().text()),
              HasSubstr("Trusted comment: pgseal drill shop/20261124T041500Z-abcdefgh\n"));
  EXPECT_EQ(archive_->sh_ok("jq -r .verdict " + path), "ok\n");
  const std::string report = path.substr(0, path.size() - kDrillSummarySuffix.size()) + ".tar.age";
  EXPECT_EQ(archive_->sh_ok("age -d -i identity " + report +
                            " | tar x; cat report.json report.json.minisig report.html"),
            "the report\nits signature\nthe page\n");
}

TEST_F(DrillStore, ShowsNothingOfTheReportToWhoHasNoKey) {
  StoredDrill with_names = drill(summary_at("2026-11-24T06:00:00Z"));
  with_names.report.text = with_names.page = "public.salaries";
  store(with_names);
  with_names.recipients.clear();
  store(with_names);
  std::size_t count = 0;
  for (const auto& object : archive_->store().list(archive_->place().key("drill/"), {})) {
    ++count;
    EXPECT_EQ(test::read_object(archive_->store(), object.key).find("salaries"), std::string::npos);
  }
  EXPECT_EQ(count, 3u);  // two summaries, one report
}

TEST_F(DrillStore, FindsTheNewest) {
  EXPECT_FALSE(newest_drill(archive_->store(), entry(), {}));
  store(drill(summary_at("2026-11-25T04:15:00Z", false)));
  store(drill(summary_at("2026-11-24T06:00:00Z")));
  EXPECT_EQ(newest_drill(archive_->store(), entry(), {}),
            summary_at("2026-11-25T04:15:00Z", false));
}

TEST_F(DrillStore, PassesOverWhatIsNoneOfThisBackup) {
  store(drill(summary_at("2026-11-24T06:00:00Z")));
  DrillSummary of_another = summary_at("2026-11-25T00:00:00Z", false);
  of_another.backup = "shop/20261123T041500Z-abcdefgh";
  store(drill(of_another));
  const auto put = [&](const char* name, const std::string& text) {
    archive_->store().put(archive_->place().key(name), as_bytes(text), {});
  };
  put("drill/20261126T000000Z-aaaaaaaa.json", "{}");
  put("drill/20261126T000000Z-bbbbbbbb.json", std::string(kMaxDrillSummarySize + 1, ' '));
  put("drill/readme", "");
  put("drill/20261126.json", summary_at("2026-11-26T00:00:00Z").to_json());
  EXPECT_EQ(newest_drill(archive_->store(), entry(), {}), summary_at("2026-11-24T06:00:00Z"));
}

TEST_F(DrillStore, IsNoPartOfTheBackup) {
  const ArchiveEntry before = entry();
  store(drill(summary_at("2026-11-24T06:00:00Z")));
  const ArchiveEntry after = entry();
  EXPECT_EQ(after.size, before.size);
  EXPECT_TRUE(after.committed()) << after.problem;
  EXPECT_EQ(after.drills.size(), 1u);
}

TEST_F(DrillStore, IsNoBackupAfterTheBackupIsGone) {
  store(drill(summary_at("2026-11-24T06:00:00Z")));
  for (const auto& object : archive_->store().list("", {})) {
    if (object.key.find("/drill/") == std::string::npos) archive_->store().remove(object.key, {});
  }
  EXPECT_TRUE(list_archives(archive_->store(), "", {}).empty());
}

TEST_F(DrillStore, ReadsOneSummaryOfABackup) {
  test::S3Place place;
  const std::string prefix = "back ups/+/" + archive_->place().key("drill/");
  for (const char* begun :
       {"2026-11-24T06:00:00Z", "2026-11-25T06:00:00Z", "2026-11-26T06:00:00Z"}) {
    const DrillSummary summary = summary_at(begun);
    place.s3.add_object(prefix + format_utc(summary.begun, false) + "-abcdefgh.json",
                        summary.to_json());
  }
  ArchiveEntry entry{.place = archive_->place(), .manifest = std::nullopt, .problem = {}};
  for (const auto& object : place.store().list("", {})) entry.drills.push_back(object.key);
  const std::size_t before = place.s3.requests().size();
  EXPECT_EQ(newest_drill(place.store(), entry, {}), summary_at("2026-11-26T06:00:00Z"));
  EXPECT_EQ(place.s3.requests().size(), before + 1);
}

TEST_F(DrillStore, IsStoredByARoleThatMayOnlyPut) {
  test::S3Place place({.fault = [](const test::HttpRequest& request) {
    const bool put = test::s3_operation(request) == "PutObject";
    return put ? std::nullopt : std::optional(test::FakeS3::error(403, "AccessDenied"));
  }});
  store_drill(place.store(), drill(summary_at("2026-11-24T06:00:00Z")), nullptr, {});
  EXPECT_EQ(place.s3.objects().size(), 2u);
}

TEST_F(DrillStore, LeavesNoSummaryWhereTheReportCannotBeStored) {
  test::S3Place place({.fault = [](const test::HttpRequest& request) {
    const bool report = request.target.find(".tar.age") != std::string::npos;
    return report ? std::optional(test::FakeS3::error(403, "AccessDenied")) : std::nullopt;
  }});
  EXPECT_THROW(store_drill(place.store(), drill(summary_at("2026-11-24T06:00:00Z")), nullptr, {}),
               Error);
  EXPECT_TRUE(place.s3.objects().empty());
}

}  // namespace
}  // namespace pgseal::backupset
