// Whom AWS takes us for: whoami, and roles of one's own for the database and the bucket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/format.h"
#include "base/json.h"
#include "support/age_program.h"
#include "support/fake_s3.h"
#include "support/iam_postgres.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/scripted_http_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kBase = "arn:aws:iam::123456789012:role/base";
constexpr const char* kDatabase = "arn:aws:iam::123456789012:role/database";
constexpr const char* kBucket = "arn:aws:iam::210987654321:role/bucket";

/// The access key with which a request was signed.
std::string key_of(const test::HttpRequest& request) {
  const std::string authorization = request.header("authorization");
  const auto begin = authorization.find("Credential=") + 11;
  return authorization.substr(begin, authorization.find('/', begin) - begin);
}

/// The role that a request asks for.
std::string role_of(const test::HttpRequest& request) {
  const auto begin = request.body.find("role%2F") + 7;
  return request.body.substr(begin, request.body.find('&', begin) - begin);
}

/// STS: says of keys what they are, and of the role "NAME" gives the key "KEY-OF-NAME".
class Sts {
 public:
  [[nodiscard]] std::string url() const { return server_.url(); }
  /// "role by key external-id" for each role that was taken on.
  [[nodiscard]] std::set<std::string> roles() const {
    std::set<std::string> roles;
    for (const auto& request : server_.requests()) {
      if (request.body.find("AssumeRole") == std::string::npos) continue;
      const bool external = request.body.find("ExternalId=tenant-7") != std::string::npos;
      roles.insert(format("{} by {}{}", role_of(request), key_of(request),
                          external ? " with external id" : ""));
    }
    return roles;
  }
  /// The keys of a role; by default ones that nobody else knows.
  std::map<std::string, test::IamPostgres::Key> keys;
  /// The role that is refused once.
  std::string throttled;

 private:
  test::HttpReply reply(const test::HttpRequest& request) {
    if (request.body.find("GetCallerIdentity") != std::string::npos) {
      return {.status = 200,
              .headers = {},
              .body = format("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn-of-{0}"
                             "</Arn><UserId>user-of-{0}</UserId><Account>123456789012</Account>"
                             "</GetCallerIdentityResult></GetCallerIdentityResponse>",
                             key_of(request))};
    }
    const std::string role = role_of(request);
    if (role == throttled && ++throttles_ == 1) {
      return {.status = 400,
              .headers = {},
              .body =
                  "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded"
                  "</Message></Error></ErrorResponse>"};
    }
    if (role == "forbidden") {
      return {.status = 403,
              .headers = {},
              .body =
                  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for you"
                  "</Message></Error></ErrorResponse>"};
    }
    const auto own = keys.find(role);
    const test::IamPostgres::Key key =
        own == keys.end() ? test::IamPostgres::Key{"KEY-OF-" + role, "s", "t"} : own->second;
    return {.status = 200,
            .headers = {},
            .body = format("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{}"
                           "</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}"
                           "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                           "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
                           key.id, key.secret, key.session_token)};
  }

  std::atomic<int> throttles_ = 0;
  test::ScriptedHttpServer server_{[this](const test::HttpRequest& r) { return reply(r); }};
};

class WhoAmI : public testing::Test {
 protected:
  [[nodiscard]] test::Variables variables() const {
    return {{"AWS_ACCESS_KEY_ID", "KEY"},
            {"AWS_SECRET_ACCESS_KEY", "the-secret"},
            {"AWS_ENDPOINT_URL_STS", sts_.url()}};
  }
  [[nodiscard]] static Json json(std::vector<std::string> arguments,
                                 const test::Variables& variables) {
    arguments.insert(arguments.begin(), {"whoami", "--json"});
    const auto result = test::pgseal(arguments, variables);
    EXPECT_TRUE(result.ok()) << result.describe();
    return Json::parse(result.out, nullptr, false);
  }

  Sts sts_;
  test::TempDir directory_;
};

TEST_F(WhoAmI, ShowsTheIdentityAndItsSource) {
  const auto result = test::pgseal({"whoami"}, variables());
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(result.out,
            "account  123456789012\n"
            "arn      arn-of-KEY\n"
            "user id  user-of-KEY\n"
            "source   environment\n");
}

TEST_F(WhoAmI, ShowsWhichSourcesWereTried) {
  test::write_text(directory_ / "config",
                   "[profile backup]\nregion = eu-west-1\naws_access_key_id = OF-FILE\n"
                   "aws_secret_access_key = the-secret\n");
  const Json shown = json({}, {{"AWS_CONFIG_FILE", directory_ / "config"},
                               {"AWS_PROFILE", "backup"},
                               {"AWS_ENDPOINT_URL_STS", sts_.url()}});
  EXPECT_EQ(shown["arn"], "arn-of-OF-FILE");
  EXPECT_EQ(shown["source"], "profile \"backup\"");
  ASSERT_EQ(shown["tried"].size(), 2U);
  EXPECT_EQ(shown["tried"][0]["source"], "environment");
  EXPECT_EQ(shown["tried"][0]["why"], "AWS_ACCESS_KEY_ID is not set");
  EXPECT_EQ(shown["tried"][1]["source"], "web identity");
  EXPECT_FALSE(shown.contains("database"));
}

TEST_F(WhoAmI, ShowsTheRolesThatAreTakenOn) {
  const Json shown = json({"--assume-role", kBase, "--db-role", kDatabase, "--store-role", kBucket,
                           "--external-id", "tenant-7"},
                          variables());
  EXPECT_EQ(shown["arn"], "arn-of-KEY-OF-base");
  EXPECT_EQ(shown["source"], "environment");
  EXPECT_EQ(shown["database"]["arn"], "arn-of-KEY-OF-database");
  EXPECT_EQ(shown["store"]["arn"], "arn-of-KEY-OF-bucket");
  EXPECT_EQ(sts_.roles(), (std::set<std::string>{"base by KEY with external id",
                                                 "database by KEY-OF-base with external id",
                                                 "bucket by KEY-OF-base with external id"}));
}

TEST_F(WhoAmI, SaysWhatIsWrong) {
  auto result = test::pgseal({"whoami"}, {{"AWS_ENDPOINT_URL_STS", sts_.url()}});
  EXPECT_EQ(result.exit_code, 5) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("cannot get AWS credentials: environment: AWS_ACCESS_KEY_ID"));

  result = test::pgseal({"whoami", "--assume-role", "arn:aws:iam::1:role/forbidden"}, variables());
  EXPECT_EQ(result.exit_code, 5) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("cannot assume role arn:aws:iam::1:role/forbidden: "
                                    "AccessDenied: not for you (HTTP 403)"));
  EXPECT_THAT(result.err, Not(HasSubstr("the-secret")));

  result = test::pgseal({"whoami", "--assume-role", "forbidden", "--db-role", "arn:aws:s3:::b"},
                        variables());
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("assume_role is no ARN of a role"));
  EXPECT_THAT(result.err, HasSubstr("db_role is no ARN of a role"));

  result = test::pgseal({"whoami", "--external-id", "x"}, variables());
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("external_id is for"));

  test::Variables plain = variables();
  plain["AWS_ENDPOINT_URL_STS"] = "http://sts.example.com";
  result = test::pgseal({"whoami"}, plain);
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("\"http://sts.example.com\" is plain HTTP"));
}

TEST_F(WhoAmI, TellsAFileThatItCannotUnderstand) {
  test::write_text(directory_ / "config", "[default]\nthis is no setting\n");
  const auto result = test::pgseal({"whoami"}, {{"AWS_CONFIG_FILE", directory_ / "config"},
                                                {"AWS_ENDPOINT_URL_STS", sts_.url()}});
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("config\", line 2: it is no \"key = value\""));
}

/// The rules for roles that have nothing to do.
TEST(Roles, AreRefusedWhereNobodyAsksForThem) {
  const test::TempDir directory;
  const auto result = test::pgseal({"backup", "--dbname", "host=/tmp dbname=x user=y", "--store",
                                    "file://" + directory.path(), "--recipient", "age1x",
                                    "--db-role", kDatabase, "--store-role", kBucket});
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("db_role is for IAM authentication"));
  EXPECT_THAT(result.err, HasSubstr("a directory has no store_role"));
}

TEST(Roles, DatabaseAndBucketMayHaveDifferentOnes) {
  PGSEAL_SKIP_BECAUSE(test::why_no_iam_postgres());
  test::IamPostgres postgres;
  postgres.server().psql("postgres", "CREATE DATABASE shop OWNER app");
  postgres.server().psql("shop", "CREATE TABLE t AS SELECT 1 AS a; ALTER TABLE t OWNER TO app");
  Sts sts;
  sts.keys["database"] = test::IamPostgres::temporary_key();
  sts.throttled = "bucket";
  const test::FakeS3 s3;
  const test::TempDir directory;
  const auto result = test::pgseal(
      {"backup", "--dbname",
       format("host={} port={} user=app dbname=shop", postgres.host(), postgres.port()), "--store",
       "s3://bucket/p?region=eu-west-1&endpoint=" + s3.url(), "--recipient",
       test::make_age_key(directory.path()).recipient, "--db-role", kDatabase, "--store-role",
       kBucket},
      {{"REGION", postgres.region()},
       {"PGSSLROOTCERT", postgres.ca_pem()},
       {"AWS_ACCESS_KEY_ID", "KEY"},
       {"AWS_SECRET_ACCESS_KEY", "the-secret"},
       {"AWS_ENDPOINT_URL_STS", sts.url()}});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, HasSubstr(", 1 requests tried again (Throttling 1)"));
  EXPECT_TRUE(postgres.refused().empty());
  EXPECT_FALSE(postgres.accepted().empty());
  EXPECT_FALSE(s3.requests().empty());
  for (const auto& request : s3.requests()) EXPECT_EQ(key_of(request), "KEY-OF-bucket");
  EXPECT_EQ(sts.roles(), (std::set<std::string>{"database by KEY", "bucket by KEY"}));
}

}  // namespace
}  // namespace pgseal
