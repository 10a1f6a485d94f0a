// What S3 is told of the objects that a backup writes, in both formats.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/age_program.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class S3Objects : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("shop");
    server_->psql("shop", "CREATE TABLE t AS SELECT generate_series(1, 100) AS a");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  [[nodiscard]] test::Variables variables() const {
    return {{"PGSEAL_DBNAME", server_->conninfo("shop")},
            {"PGSEAL_STORE", "s3://bucket/p?region=eu-west-1&endpoint=" + s3_.url()},
            {"AWS_ACCESS_KEY_ID", "id"},
            {"AWS_SECRET_ACCESS_KEY", "key"}};
  }

  static inline test::PostgresServer* server_ = nullptr;
  test::FakeS3 s3_;
  test::TempDir directory_;
};

TEST_F(S3Objects, AreLockedEncryptedAndTaggedInBothFormats) {
  const test::AgeKey key = test::make_age_key(directory_.path());
  const test::KeyPair pair = test::make_key_pair(directory_.path());
  const std::vector<std::string> options{"--lock-mode",
                                         "governance",
                                         "--lock-until",
                                         "35d",
                                         "--legal-hold",
                                         "on",
                                         "--sse",
                                         "aws:kms",
                                         "--sse-kms-key-id",
                                         "alias/k",
                                         "--sse-bucket-key",
                                         "on",
                                         "--storage-class",
                                         "STANDARD_IA",
                                         "--tag",
                                         "team=data",
                                         "--tag",
                                         "kind=nightly",
                                         "--expected-bucket-owner",
                                         "123456789012",
                                         "--request-payer",
                                         "requester"};
  for (const std::vector<std::string>& format :
       {std::vector<std::string>{"--format", "archive", "--recipient", key.recipient},
        {"--format", "classic", "--public-key", pair.public_pem}}) {
    std::vector<std::string> arguments{"backup"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), format.begin(), format.end());
    const auto backup = test::pgseal(arguments, variables());
    ASSERT_TRUE(backup.ok()) << backup.describe();
  }
  int created = 0;
  for (const test::HttpRequest& request : s3_.requests()) {
    EXPECT_EQ(request.header("x-amz-expected-bucket-owner"), "123456789012");
    EXPECT_EQ(request.header("x-amz-request-payer"), "requester");
    const std::string operation = test::s3_operation(request);
    if (operation != "PutObject" && operation != "CreateMultipartUpload") {
      EXPECT_EQ(request.header("x-amz-object-lock-mode"), "") << operation;
      continue;
    }
    ++created;
    EXPECT_EQ(request.header("x-amz-object-lock-mode"), "GOVERNANCE");
    EXPECT_THAT(request.header("x-amz-object-lock-retain-until-date"),
                testing::MatchesRegex("20[0-9-]*T[0-9:]*Z"));
    EXPECT_EQ(request.header("x-amz-object-lock-legal-hold"), "ON");
    EXPECT_EQ(request.header("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(request.header("x-amz-server-side-encryption-aws-kms-key-id"), "alias/k");
    EXPECT_EQ(request.header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
    EXPECT_EQ(request.header("x-amz-storage-class"), "STANDARD_IA");
    EXPECT_EQ(request.header("x-amz-tagging"), "team=data&kind=nightly");
    EXPECT_THAT(request.header("authorization"), HasSubstr("x-amz-object-lock-mode"));
  }
  EXPECT_GT(created, 6);
}

TEST_F(S3Objects, AreStoredByServersThatKnowLess) {
  const test::AgeKey key = test::make_age_key(directory_.path());
  const test::KeyPair pair = test::make_key_pair(directory_.path());
  for (const std::vector<std::string>& format :
       {std::vector<std::string>{"--format", "archive", "--recipient", key.recipient},
        {"--format", "classic", "--public-key", pair.public_pem, "--part-size", "5M"}}) {
    std::vector<std::string> arguments{"backup", "--request-checksum-calculation", "when_required",
                                       "--conditional-writes", "off"};
    arguments.insert(arguments.end(), format.begin(), format.end());
    const auto backup = test::pgseal(arguments, variables());
    ASSERT_TRUE(backup.ok()) << backup.describe();
  }
  int bodies = 0;
  for (const test::HttpRequest& request : s3_.requests()) {
    const std::string operation = test::s3_operation(request);
    EXPECT_EQ(request.header("if-none-match"), "") << operation;
    EXPECT_EQ(request.header("x-amz-checksum-sha256"), "") << operation;
    if (operation != "PutObject" && operation != "UploadPart") continue;
    ++bodies;
    EXPECT_NE(request.header("content-md5"), "") << operation;
  }
  EXPECT_GT(bodies, 6);
}

TEST_F(S3Objects, OptionsThatCannotBeAreToldAtOnce) {
  const auto refused =
      test::pgseal({"backup", "--format", "archive", "--recipient", "age1", "--sse", "sse-c",
                    "--lock-until", "soon", "--legal-hold", "maybe", "--tag", "novalue",
                    "--expected-bucket-owner", "me", "--sse-bucket-key", "on"},
                   variables());
  EXPECT_EQ(refused.exit_code, 2) << refused.describe();
  EXPECT_THAT(
      refused.err,
      AllOf(HasSubstr("(SSE-C) are refused"), HasSubstr("lock_mode and lock_until belong together"),
            HasSubstr("lock_until must be 12h, 35d, 8w"), HasSubstr("legal_hold"),
            HasSubstr("a tag is KEY=VALUE, not \"novalue\""), HasSubstr("12 digits"),
            HasSubstr("are for sse aws:kms")));
  EXPECT_TRUE(s3_.requests().empty());

  const auto directory =
      test::pgseal({"backup", "--format", "archive", "--recipient", "age1", "--dbname",
                    server_->conninfo("shop"), "--store", "file://" + directory_.path(),
                    "--lock-mode", "compliance", "--lock-until", "35d"});
  EXPECT_EQ(directory.exit_code, 2) << directory.describe();
  EXPECT_THAT(directory.err, AllOf(HasSubstr("a directory has no lock_mode (flag --lock-mode)"),
                                   HasSubstr("a directory has no lock_until")));
}

}  // namespace
}  // namespace pgseal
