#include "backupset/archive_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "support/requirement.h"
#include "support/s3_place.h"
#include "support/sample_archive.h"
#include "support/store_conformance.h"

namespace pgseal::backupset {
namespace {

namespace fs = std::filesystem;
using test::SampleArchive;
using ::testing::HasSubstr;

class ArchiveListing : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(SampleArchive::why_not());
    archive_.emplace();
  }
  std::vector<ArchiveEntry> list(const std::string& database = "") {
    return list_archives(archive_->store(), database, {});
  }
  /// The problem of the only entry.
  std::string problem() {
    const auto entries = list();
    EXPECT_EQ(entries.size(), 1u);
    return entries.at(0).problem;
  }

  std::optional<SampleArchive> archive_;
};

TEST_F(ArchiveListing, ShowsACommittedBackup) {
  const auto entries = list("shop");
  ASSERT_EQ(entries.size(), 1u);
  const ArchiveEntry& entry = entries[0];
  EXPECT_TRUE(entry.committed()) << entry.problem;
  EXPECT_TRUE(entry.is_signed);
  EXPECT_EQ(entry.place, archive_->place());
  EXPECT_EQ(entry.manifest, archive_->manifest());
  std::uint64_t size = 0;
  for (const auto& object : archive_->store().list("", {})) size += object.size;
  EXPECT_EQ(entry.size, size);
}

TEST_F(ArchiveListing, ShowsABackupThatRunsAsNone) {
  archive_->store().remove(archive_->place().key(kManifestName), {});
  const auto entries = list();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_FALSE(entries[0].committed());
  EXPECT_FALSE(entries[0].manifest);
  EXPECT_EQ(entries[0].problem, "no manifest: it runs, or did not finish");
}

TEST_F(ArchiveListing, ShowsWhatIsMissingOrCut) {
  fs::resize_file(archive_->path("toc.tar.age"), 100);
  EXPECT_THAT(problem(), HasSubstr("toc.tar.age\" has 100 bytes, not "));
  fs::remove(archive_->path("toc.tar.age"));
  EXPECT_EQ(problem(), "\"shop/20261124T041500Z-abcdefgh/toc.tar.age\" is missing");
  fs::remove(archive_->path("manifest.json.minisig"));
  EXPECT_EQ(problem(), "the manifest's signature is missing");
}

TEST_F(ArchiveListing, ShowsADamagedManifestAsNone) {
  test::write_text(archive_->path("manifest.json"), "{}\n");
  EXPECT_EQ(problem(), "cannot read the manifest: \"format\" is missing");
}

TEST_F(ArchiveListing, ShowsAManifestOfAnotherPlaceAsNone) {
  archive_->manifest().database = "bank";
  test::write_text(archive_->path("manifest.json"), archive_->manifest().to_json());
  EXPECT_THAT(problem(), HasSubstr("is another backup's: \"bank/20261124T041500Z-abcdefgh\""));
}

TEST_F(ArchiveListing, FindsObjectsOfEarlierBackups) {
  archive_->manifest().objects.push_back(archive_->manifest().objects.back());
  archive_->manifest().objects.back().key = "shop/20261125T000000Z-abcdefgh/data/000001.tar.age";
  test::write_text(archive_->path("manifest.json"), archive_->manifest().to_json());
  EXPECT_THAT(problem(), HasSubstr("20261125T000000Z-abcdefgh/data/000001.tar.age\" is missing"));
}

TEST_F(ArchiveListing, ChoosesADatabaseAndSortsByTime) {
  store::DirectoryStore& store = archive_->store();
  store.put("a/20261125T000000Z-abcdefgh/toc.tar.age", {}, {});
  store.put("z/20261123T000000Z-abcdefgh/toc.tar.age", {}, {});
  store.put("shopping/20261126T000000Z-abcdefgh/toc.tar.age", {}, {});
  store.put("my%20shop/20261127T000000Z-abcdefgh/toc.tar.age", {}, {});
  const auto names = [&](const std::string& database) {
    std::vector<std::string> all;
    for (const ArchiveEntry& entry : list(database)) all.push_back(entry.place.database);
    return all;
  };
  EXPECT_THAT(names(""), testing::ElementsAre("z", "shop", "a", "shopping", "my shop"));
  EXPECT_THAT(names("shop"), testing::ElementsAre("shop"));
  EXPECT_THAT(names("my shop"), testing::ElementsAre("my shop"));
  EXPECT_THAT(names("none"), testing::ElementsAre());
}

TEST_F(ArchiveListing, LeavesOutWhatIsNoArchive) {
  for (const char* key : {"shop_2026-11-24T04:15:00Z.manifest.json", "readme", "shop/readme",
                          "shop/20261124T041500Z/manifest.json", "a b/20261124T041500Z-abcdefgh/x",
                          "x/y/z/manifest.json"}) {
    archive_->store().put(key, as_bytes("{}"), {});
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(ArchiveListing, ShowsTheOthersWhereOneManifestIsOutOfReach) {
  test::S3Place place({.fault = [](const test::HttpRequest& request) {
    const bool denied = request.method == "GET" && request.target.find("bank") != std::string::npos;
    return denied ? std::optional(test::FakeS3::error(403, "AccessDenied")) : std::nullopt;
  }});
  for (const auto& object : archive_->store().list("", {})) {
    for (const char* database : {"shop", "bank"}) {
      place.s3.add_object("back ups/+/" + (database + object.key.substr(4)),
                          test::read_object(archive_->store(), object.key));
    }
  }
  const auto entries = list_archives(place.store(), "", {});
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_THAT(entries[0].problem, HasSubstr("AccessDenied"));
  EXPECT_TRUE(entries[1].committed()) << entries[1].problem;
}

}  // namespace
}  // namespace pgseal::backupset
