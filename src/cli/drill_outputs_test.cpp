#include "cli/drill_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "backupset/drill_store.h"
#include "base/json.h"
#include "cli/drill_page.h"
#include "store/directory_store.h"
#include "support/command.h"
#include "support/fake_s3.h"
#include "support/requirement.h"
#include "support/s3_place.h"
#include "support/sample_drill.h"
#include "support/temp_dir.h"

namespace pgseal::cli {
namespace {

using testing::HasSubstr;

class DrillOutputsTest : public testing::Test {
 protected:
  void SetUp() override {
    report_.recipients = {identity_.recipient().text()};
    std::filesystem::create_directory(dir_ / "store");
  }
  [[nodiscard]] DrillOutputSettings settings() const {
    return {.signing_key = SigningKey{.text = key_.file_text(std::nullopt),
                                      .name = "the test's",
                                      .passphrase_file = std::nullopt},
            .store = std::nullopt};
  }
  /// What the program ends with, and what it printed.
  Exit deliver(const DrillOutputFlags& flags, store::ObjectStore& store) {
    DrillOutputs outputs(flags, settings(), {});
    testing::internal::CaptureStdout();
    try {
      const Exit exit = outputs.deliver(report_, store);
      out_ = testing::internal::GetCapturedStdout();
      return exit;
    } catch (...) {
      out_ = testing::internal::GetCapturedStdout();
      throw;
    }
  }
  std::size_t stored_objects() { return store_.list("", {}).size(); }

  test::TempDir dir_;
  store::DirectoryStore store_{dir_ / "store"};
  crypto::AgeIdentity identity_ = crypto::AgeIdentity::generate();
  crypto::MinisignSecretKey key_ = crypto::MinisignSecretKey::generate();
  backupset::DrillReport report_ = test::sample_drill();
  std::string out_;
};

TEST_F(DrillOutputsTest, AreSignedForStockMinisign) {
  PGSEAL_SKIP_BECAUSE(test::have_program("minisign") ? "" : "minisign is not installed");
  EXPECT_EQ(deliver({.json = dir_ / "report", .html = dir_ / "page"}, store_), Exit::ok);
  EXPECT_EQ(test::read_text(dir_ / "report"), report_.to_json());
  EXPECT_THAT(test::run_ok({"minisign", "-Vm", dir_ / "report", "-P", key_.public_key().text()}),
              HasSubstr("Trusted comment: pgseal drill shop/20261124T041500Z-abcdefgh\n"));
  EXPECT_THAT(test::read_text(dir_ / "page"), HasSubstr("</html>"));
  EXPECT_THAT(out_, HasSubstr("\ndrilled \"shop/20261124T041500Z-abcdefgh\": "));
  EXPECT_EQ(stored_objects(), 0u);
}

TEST_F(DrillOutputsTest, AreOnlyTheFileOnStandardOutputWhereThatIsWanted) {
  EXPECT_EQ(deliver({.json = "-"}, store_), Exit::ok);
  EXPECT_EQ(out_, report_.to_json());
  EXPECT_EQ(deliver({.html = "-"}, store_), Exit::ok);
  EXPECT_EQ(out_, drill_page(report_));
}

TEST_F(DrillOutputsTest, AreRefusedBeforeTheDrillWhereTheyCannotBeWritten) {
  EXPECT_THROW(DrillOutputs({.html = dir_ / "none/page"}, settings(), {}), Error);
  EXPECT_THROW(DrillOutputs({.json = dir_ / "none/report"}, settings(), {}), Error);
}

TEST_F(DrillOutputsTest, LeaveNothingOfADrillThatNeverEnded) {
  { const DrillOutputs outputs({.json = dir_ / "report", .html = dir_ / "page"}, settings(), {}); }
  EXPECT_EQ(test::run_ok({"ls", dir_.path()}), "store\n");
}

TEST_F(DrillOutputsTest, EndWithVerificationWhereTheDrillFailed) {
  report_.schema.differences = {{"INDEX public.i", "is missing"}};
  EXPECT_EQ(deliver({.json = dir_ / "report", .store = true}, store_), Exit::verification);
  EXPECT_EQ(Json::parse(test::read_text(dir_ / "report")).at("verdict"), "failed");
  EXPECT_EQ(stored_objects(), 3u);
}

TEST_F(DrillOutputsTest, StoreNoNamesForKeysThatNobodyVouchesFor) {
  report_.authenticity = backupset::Authenticity::not_checked;
  EXPECT_EQ(deliver({.store = true}, store_), Exit::ok);
  EXPECT_EQ(stored_objects(), 2u);  // the summary and its signature
}

TEST_F(DrillOutputsTest, AreNotLostWhereTheStoreRefusesThem) {
  test::S3Place place({.fault = [](const test::HttpRequest&) {
    return std::optional(test::FakeS3::error(403, "AccessDenied"));
  }});
  const DrillOutputFlags flags{.json = dir_ / "report", .html = std::nullopt, .store = true};
  try {
    (void)deliver(flags, place.store());
    ADD_FAILURE() << "stored";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::storage);
    EXPECT_THAT(error.message(), HasSubstr("AccessDenied"));
  }
  EXPECT_EQ(test::read_text(dir_ / "report"), report_.to_json());
  EXPECT_THAT(out_, HasSubstr("drilled "));

  report_.failure = "the server went away";
  EXPECT_EQ(deliver(flags, place.store()), Exit::verification);
  EXPECT_EQ(test::read_text(dir_ / "report"), report_.to_json());
}

}  // namespace
}  // namespace pgseal::cli
