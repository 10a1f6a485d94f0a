#include "engine/doctor_last_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "backupset/classic_manifest.h"
#include "backupset/classic_name.h"
#include "support/requirement.h"
#include "support/s3_place.h"
#include "support/sample_archive.h"

namespace pgseal::engine {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::map<std::string, Finding> look(store::ObjectStore& store, const std::string& database,
                                    const std::vector<std::string>& recipients = {}) {
  LastBackupSubject subject{.store = store,
                            .database = database,
                            .recipients = recipients,
                            .clock = system_clock(),
                            .stop = {}};
  Checks checks;
  checks.run("store", Exit::storage, last_backup_checks(), subject);
  std::map<std::string, Finding> findings;
  for (const Check& check : checks.all()) findings[check.name] = check.finding;
  return findings;
}

class DoctorLastBackup : public testing::Test {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(test::SampleArchive::why_not()); }
};

TEST_F(DoctorLastBackup, IsNamedWithItsAge) {
  test::SampleArchive archive(test::SampleArchive::Signing::no);
  auto found = look(archive.store(), "shop");
  EXPECT_EQ(found["last-backup"].state, State::ok);
  EXPECT_THAT(found["last-backup"].reason,
              testing::MatchesRegex("the newest backup is \"shop/20261124T041500Z-abcdefgh\", "
                                    "begun .* ago; it read .* in 0 s, and stored [0-9.]+ KiB"));
  EXPECT_EQ(found["last-recipients"].state, State::ok);
}

TEST_F(DoctorLastBackup, IsOfTheOtherFormatWhereThatIsNewer) {
  test::SampleArchive archive(test::SampleArchive::Signing::no);
  const TimePoint started = parse_utc("2026-11-24T05:00:00Z").value();
  const backupset::ClassicName name("shop", started);
  const std::string text =
      backupset::ClassicManifest{.database = "shop",
                                 .started = started,
                                 .finished = started + std::chrono::seconds(90),
                                 .key = {name.key_object(), 1, std::string(64, 'a')},
                                 .data = {name.data_object(), 1, std::string(64, 'b')},
                                 .public_key_sha256 = std::string(64, 'c'),
                                 .pgseal_version = "1",
                                 .pg_dump_version = "15",
                                 .server_version = "15"}
          .seal(Secret("secret"));
  archive.store().put(name.key_object(), as_bytes("k"), {});
  archive.store().put(name.data_object(), as_bytes("d"), {});
  archive.store().put(name.manifest_object(), as_bytes(text), {});
  auto found = look(archive.store(), "shop", {"age1"});
  EXPECT_THAT(found["last-backup"].reason, HasSubstr("\"shop_2026-11-24T05:00:00Z\""));
  EXPECT_THAT(found["last-backup"].reason, HasSubstr("in 1 min 30 s, and stored 2 B"));
  EXPECT_EQ(found["last-recipients"].state, State::ok);
}

TEST_F(DoctorLastBackup, IsOneThatIsWhole) {
  test::SampleArchive archive(test::SampleArchive::Signing::no);
  EXPECT_EQ(look(archive.store(), "other")["last-backup"].state, State::note);
  std::filesystem::remove(archive.path("toc.tar.age"));
  EXPECT_EQ(look(archive.store(), "shop")["last-backup"].state, State::note);
}

TEST_F(DoctorLastBackup, IsReadByWhomTheNextOneWillBe) {
  test::SampleArchive archive(test::SampleArchive::Signing::no);
  archive.manifest().recipients = {"age1both", "age1before"};
  archive.write_manifest();
  EXPECT_EQ(look(archive.store(), "shop", {"age1before", "age1both"})["last-recipients"].state,
            State::ok);
  const Finding found = look(archive.store(), "shop", {"age1both", "age1now"})["last-recipients"];
  EXPECT_EQ(found.state, State::note);
  EXPECT_THAT(found.objects, UnorderedElementsAre("no longer age1before", "now also age1now"));
}

TEST_F(DoctorLastBackup, IsNotSeenByWhoMayOnlyPut) {
  test::S3Place place({.fault = [](const test::HttpRequest&) {
    return std::optional(test::FakeS3::error(403, "AccessDenied"));
  }});
  const Finding refused = look(place.store(), "shop")["last-backup"];
  EXPECT_EQ(refused.state, State::note);
  EXPECT_THAT(refused.reason, HasSubstr("may not list, and need not"));

  place.s3.set_fault([](const test::HttpRequest&) {
    return std::optional(test::FakeS3::error(404, "NoSuchBucket"));
  });
  EXPECT_EQ(look(place.store(), "shop")["last-backup"].state, State::failure);
}

}  // namespace
}  // namespace pgseal::engine
