// The policies of doc/iam.md, on Ceph's gateway: with each the command works that it is for, and
// nothing else is allowed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>
#include <set>

#include "base/format.h"
#include "base/json.h"
#include "engine/doctor_s3.h"
#include "store/s3_store.h"
#include "support/age_program.h"
#include "support/documented_commands.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/s3_gateway.h"
#include "support/static_credentials.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using engine::State;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr const char* kPage = "doc/iam.md";
constexpr const char* kPrefix = "nightly/shop";

/// A policy of the page for this bucket.
std::string policy(const std::string& name, const std::string& bucket) {
  const std::map<std::string, std::string> variables{
      {"PARTITION", "aws"},        {"BUCKET", bucket},
      {"PREFIX", kPrefix},         {"REGION", "eu-west-1"},
      {"ACCOUNT", "123456789012"}, {"DB_RESOURCE", "db-ABCDEFGHIJKL"},
      {"DB_USER", "backup"},       {"KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"},
      {"WRITER_ROLE", "writer"}};
  std::string text = test::documented_commands(kPage, name);
  for (const auto& [variable, value] : variables) {
    const std::string mark = "${" + variable + "}";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

TEST(IamPage, HasPoliciesThatAreWhole) {
  const std::string page = test::read_text(PGSEAL_SOURCE_DIR "/" + std::string(kPage));
  const std::regex mark("<!-- test:(\\S+) -->");
  std::set<std::string> names, actions;
  for (std::sregex_iterator found(page.begin(), page.end(), mark), end; found != end; ++found) {
    const std::string name = found->str(1);
    names.insert(name);
    const Json json = Json::parse(policy(name, "backups"));
    EXPECT_THAT(json.dump(), Not(HasSubstr("$"))) << name;
    if (name == "lifecycle") continue;
    EXPECT_EQ(json.at("Version"), "2012-10-17") << name;
    for (const Json& statement : json.at("Statement")) {
      EXPECT_TRUE(statement.contains("Sid") && statement.contains("Effect")) << name;
    }
  }
  EXPECT_THAT(names, UnorderedElementsAre("database", "writer", "writer-classic", "writer-lock",
                                          "writer-kms", "reader", "reader-kms", "retention",
                                          "doctor", "bucket", "lifecycle"));
}

/// One gateway and one database for all; a bucket for each test.
class IamPolicies : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!test::why_no_s3_gateway().empty()) return;
    gateway_ = std::make_unique<test::S3Gateway>();
    server_ = std::make_unique<test::PostgresServer>();
    server_->create_database("shop");
    server_->psql("shop", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
    keys_ = std::make_unique<test::TempDir>();
    age_ = test::make_age_key(keys_->path());
    rsa_ = test::make_key_pair(keys_->path());
  }
  static void TearDownTestSuite() {
    keys_.reset();
    server_.reset();
    gateway_.reset();
  }

  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(test::why_no_s3_gateway());
    static int count = 0;
    bucket_ = format("policies-{}", ++count);
  }

  static test::S3Admin admin() { return gateway_->admin(); }

  /// A user of these policies of the page.
  [[nodiscard]] test::S3Keys user(const std::vector<std::string>& names) const {
    std::vector<std::string> policies;
    for (const std::string& name : names) policies.push_back(policy(name, bucket_));
    return admin().create_user("user-of-" + bucket_, policies).keys;
  }

  [[nodiscard]] test::S3User almighty_user() const {
    return admin().create_user(
        "almighty-in-" + bucket_,
        {format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*",
                    "Resource": ["arn:aws:s3:::{0}", "arn:aws:s3:::{0}/*"]}}]}})",
                bucket_)});
  }

  [[nodiscard]] test::CommandResult pgseal(std::vector<std::string> arguments,
                                           const test::S3Keys& keys) const {
    arguments.insert(arguments.end(),
                     {"--store", format("s3://{}/{}?region={}&endpoint={}", bucket_, kPrefix,
                                        test::S3Gateway::region(), gateway_->endpoint())});
    return test::pgseal(arguments,
                        {{"AWS_ACCESS_KEY_ID", keys.id}, {"AWS_SECRET_ACCESS_KEY", keys.secret}});
  }

  void back_up(const std::string& format_name, const test::S3Keys& keys,
               const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"backup", "--format", format_name, "--dbname",
                                       server_->conninfo("shop")};
    if (format_name == "archive") {
      arguments.insert(arguments.end(), {"--recipient", age_.recipient});
    } else {
      arguments.insert(arguments.end(), {"--public-key", rsa_.public_pem});
    }
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto backup = pgseal(arguments, keys);
    EXPECT_TRUE(backup.ok()) << backup.describe();
  }
  void back_up_both() const {
    back_up("archive", test::S3Gateway::root_keys());
    back_up("classic", test::S3Gateway::root_keys());
  }

  void expect_refused(const std::vector<std::string>& arguments, const test::S3Keys& keys) const {
    const auto result = pgseal(arguments, keys);
    EXPECT_EQ(result.exit_code, 5) << result.describe();
    EXPECT_THAT(result.err, HasSubstr("AccessDenied"));
  }

  /// What doctor, told to write a probe, finds with these keys, by its checks' names.
  [[nodiscard]] std::map<std::string, engine::Finding> findings(
      const test::S3Keys& keys, const store::S3ObjectOptions& objects = {}) const {
    const store::S3Options options{.bucket = bucket_,
                                   .prefix = kPrefix,
                                   .region = test::S3Gateway::region(),
                                   .endpoint = gateway_->endpoint(),
                                   .objects = objects};
    test::StaticCredentials credentials(keys.id, keys.secret);
    net::HttpClient http;
    store::S3Store store(options, credentials, http, system_clock());
    store::S3Bucket bucket(options, credentials, http, system_clock());
    engine::S3Subject subject{.options = options,
                              .store = store,
                              .bucket = bucket,
                              .credentials = credentials,
                              .chain = credentials,
                              .ca_bundle = {},
                              .makes_parts = true,
                              .clock = system_clock(),
                              .stop = {}};
    engine::Checks checks;
    (void)engine::check_s3(subject, true, checks);
    std::map<std::string, engine::Finding> found;
    for (const engine::Check& check : checks.all()) found[check.name] = check.finding;
    return found;
  }
  [[nodiscard]] static std::set<std::string> names_of(
      const std::map<std::string, engine::Finding>& findings, engine::State state) {
    std::set<std::string> names;
    for (const auto& [name, finding] : findings) {
      if (finding.state == state) names.insert(name);
    }
    return names;
  }

  /// What these keys may do with the objects of a backup and with others.
  [[nodiscard]] test::S3Attempts attempts(const test::S3Keys& keys) const {
    const std::string inside = std::string(kPrefix) + "/object", outside = "nightly/object";
    test::write_text(*keys_ / "object", "content");
    for (const std::string& key : {inside, outside}) {
      admin().put_object(bucket_, key, *keys_ / "object");
    }
    return test::S3Admin(gateway_->endpoint(), keys).attempts(bucket_, inside, outside);
  }

  static inline std::unique_ptr<test::S3Gateway> gateway_;
  static inline std::unique_ptr<test::PostgresServer> server_;
  static inline std::unique_ptr<test::TempDir> keys_;
  static inline test::AgeKey age_;
  static inline test::KeyPair rsa_;
  std::string bucket_;
};

TEST_F(IamPolicies, AreJudgedByRequestsThatSucceedWithEveryRight) {
  admin().create_bucket(bucket_);
  EXPECT_THAT(attempts(almighty_user().keys).refused, IsEmpty());
}

TEST_F(IamPolicies, WriterOfArchivesMayOnlyPut) {
  admin().create_bucket(bucket_);
  const test::S3Keys keys = user({"writer"});
  back_up("archive", keys);
  EXPECT_THAT(admin().list_keys(bucket_), Contains(testing::EndsWith("/manifest.json")));
  expect_refused({"list"}, keys);
  EXPECT_THAT(attempts(keys).allowed, ElementsAre("s3:PutObject"));
}

TEST_F(IamPolicies, WriterOfClassicBackupsMayAlsoAbort) {
  admin().create_bucket(bucket_);
  const test::S3Keys keys = user({"writer-classic"});
  back_up("classic", keys);
  EXPECT_THAT(admin().list_keys(bucket_), Contains(testing::EndsWith(".manifest.json")));
  expect_refused({"list"}, keys);
  EXPECT_THAT(attempts(keys).allowed, ElementsAre("s3:PutObject", "s3:AbortMultipartUpload"));
}

TEST_F(IamPolicies, WriterMayLockAndTag) {
  admin().create_locking_bucket(bucket_);
  const test::S3Keys keys = user({"writer", "writer-lock"});
  back_up("archive", keys,
          {"--lock-mode", "governance", "--lock-until", "1d", "--legal-hold", "on", "--tag",
           "kind=nightly"});
  const std::string key = admin().list_keys(bucket_).at(0);
  EXPECT_THAT(admin().describe_object(bucket_, key),
              ElementsAre("GOVERNANCE", testing::_, "ON", "kind=nightly"));
  EXPECT_THAT(attempts(keys).allowed,
              ElementsAre("s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention",
                          "s3:PutObjectLegalHold"));
}

TEST_F(IamPolicies, ReaderMayListAndRead) {
  admin().create_bucket(bucket_);
  back_up_both();
  const test::S3Keys keys = user({"reader"});
  const auto listing = pgseal({"list", "--json"}, keys);
  ASSERT_TRUE(listing.ok()) << listing.describe();
  const Json backups = Json::parse(listing.out);
  ASSERT_EQ(backups.size(), 2u);
  for (const Json& backup : backups) {
    const auto name = backup.at("backup").get<std::string>();
    const bool is_archive = backup.at("format") == "archive";
    const std::string database = is_archive ? "from_archive" : "from_classic";
    server_->create_database(database);
    std::vector<std::string> arguments{
        "restore",    name,
        "--to",       server_->conninfo(database),
        "--identity", is_archive ? age_.identity_file : rsa_.private_pem};
    const auto restored = pgseal(arguments, keys);
    EXPECT_TRUE(restored.ok()) << restored.describe();
    EXPECT_EQ(server_->psql(database, "SELECT sum(a) FROM t"), "500500");
  }
  EXPECT_THAT(attempts(keys).allowed, ElementsAre("s3:ListBucket", "s3:GetObject"));
}

TEST_F(IamPolicies, RetentionMaySeeManifestsAndDelete) {
  admin().create_bucket(bucket_);
  back_up_both();
  const test::S3Keys keys = user({"retention"});
  const auto listing = pgseal({"list", "--json"}, keys);
  ASSERT_TRUE(listing.ok()) << listing.describe();
  const Json backups = Json::parse(listing.out);
  ASSERT_EQ(backups.size(), 2u);  // committed ones, as their manifests tell
  for (const Json& backup : backups) {
    expect_refused({"restore", backup.at("backup"), "--to", server_->conninfo("shop"), "--identity",
                    backup.at("format") == "archive" ? age_.identity_file : rsa_.private_pem},
                   keys);
  }
  EXPECT_THAT(attempts(keys).allowed, ElementsAre("s3:ListBucket", "s3:DeleteObject"));
}

TEST_F(IamPolicies, DoctorFindsThatTheWriterMayOnlyPut) {
  admin().create_bucket(bucket_);
  const auto found = findings(user({"writer"}));
  EXPECT_THAT(names_of(found, State::ok),
              UnorderedElementsAre("ca-bundle", "credentials", "bucket", "clock", "put",
                                   "conditional-writes", "checksums", "list", "read"));
  EXPECT_THAT(names_of(found, State::warning), IsEmpty());
  EXPECT_THAT(names_of(found, State::failure), IsEmpty());
  EXPECT_THAT(admin().list_keys(bucket_), ElementsAre(testing::HasSubstr("/pgseal-probe-")));
}

TEST_F(IamPolicies, DoctorSeesTheBucketWhereItMay) {
  admin().create_locking_bucket(bucket_);
  (void)admin().put_lifecycle(bucket_, policy("lifecycle", bucket_));
  const auto found = findings(
      user({"writer", "writer-lock", "doctor"}),
      {.lock_mode = "GOVERNANCE", .lock_until = system_clock().now() + std::chrono::minutes(10)});
  EXPECT_THAT(names_of(found, State::ok),
              IsSupersetOf({"put", "versioning", "object-lock", "lifecycle", "unfinished-uploads",
                            "public", "list", "read"}));
  EXPECT_THAT(names_of(found, State::failure), IsEmpty());
}

TEST_F(IamPolicies, DoctorWarnsOfARoleThatMayMore) {
  admin().create_bucket(bucket_);
  EXPECT_THAT(names_of(findings(almighty_user().keys), State::warning),
              UnorderedElementsAre("lifecycle", "read", "delete"));
  EXPECT_THAT(admin().list_keys(bucket_), IsEmpty());
  const auto reader = findings(user({"reader"}));
  EXPECT_THAT(names_of(reader, State::warning), ElementsAre("read"));
  EXPECT_THAT(names_of(reader, State::failure), ElementsAre("put"));
}

TEST_F(IamPolicies, BucketLeavesItsWriterNothingButPutting) {
  admin().create_bucket(bucket_);
  const test::S3User writer = almighty_user();
  Json json = Json::parse(policy("bucket", bucket_));
  for (Json& statement : json.at("Statement")) {
    if (statement.at("Principal") != "*") statement["Principal"]["AWS"] = writer.arn;
    if (!statement.contains("NotAction")) continue;
    // Ceph passes over it: those of the actions that are tried which it stands for.
    EXPECT_EQ(statement.at("NotAction"), Json::array({"s3:PutObject"}));
    statement.erase("NotAction");
    for (const std::string& action : attempts(user({})).refused) {
      if (action != "s3:PutObject" && action.find(' ') == std::string::npos) {
        statement["Action"].push_back(action);
      }
    }
  }
  admin().put_bucket_policy(bucket_, json.dump());
  back_up("archive", writer.keys);
  expect_refused({"list"}, writer.keys);
  EXPECT_THAT(attempts(writer.keys).allowed, ElementsAre("s3:PutObject"));
}

TEST_F(IamPolicies, BucketAbortsUnfinishedUploads) {
  admin().create_bucket(bucket_);
  const std::string rules = policy("lifecycle", bucket_);
  EXPECT_EQ(Json::parse(admin().put_lifecycle(bucket_, rules)), Json::parse(rules));
}

}  // namespace
}  // namespace pgseal
