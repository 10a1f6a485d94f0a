#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/database_settings.h"
#include "cli/key_settings.h"
#include "cli/store_settings.h"
#include "support/temp_dir.h"

namespace pgseal::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Map = std::map<std::string, std::string>;

std::string message_of(const Problems& problems) {
  try {
    problems.throw_if_any();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

/// The variables of the old image, and a certificate file.
class Settings : public testing::Test {
 protected:
  Settings() { std::ofstream(ca_) << "certificates"; }

  DatabaseSettings source(const DatabaseFlags& flags, Map changes) {
    Map variables{{"REGION", "eu-west-1"},
                  {"POSTGRES_DATABASE", "app"},
                  {"POSTGRES_HOST", "db.example"},
                  {"POSTGRES_USER", "backup"},
                  {"PGSSLROOTCERT", ca_}};
    for (auto& [name, value] : changes) variables[name] = value;
    return resolve_source(flags, Environment(variables), problems_);
  }
  [[nodiscard]] std::string message() const { return message_of(problems_); }

  test::TempDir dir_;
  std::string ca_ = dir_ / "ca.pem";
  Problems problems_;
};

TEST_F(Settings, TheImagesVariablesMeanIamOverVerifyFull) {
  const DatabaseSettings s = source({}, {});
  EXPECT_EQ(message(), "");
  ASSERT_TRUE(s.iam);
  EXPECT_EQ(s.iam->host, "db.example");
  EXPECT_EQ(s.iam->port, 5432);
  EXPECT_EQ(s.iam->user, "backup");
  EXPECT_EQ(s.iam->region, "eu-west-1");
  EXPECT_EQ(s.params.get("sslmode"), "verify-full");
  EXPECT_EQ(s.params.get("sslrootcert"), ca_);
}

TEST_F(Settings, AFlagWinsOverAVariable) {
  const DatabaseSettings s =
      source({.host = "other.example", .port = "5433", .database = "flagged"},
             {{"POSTGRES_PORT", "9999"}});
  EXPECT_EQ(message(), "");
  EXPECT_EQ(s.params.get("host"), "other.example");
  EXPECT_EQ(s.params.get("port"), "5433");
  EXPECT_EQ(s.params.get("dbname"), "flagged");
}

TEST_F(Settings, AConnectionStringWinsOverVariables) {
  const DatabaseSettings s =
      source({.conninfo = "postgresql://someone:secret@elsewhere:6000/thing"}, {});
  EXPECT_EQ(message(), "");
  EXPECT_FALSE(s.iam);  // a password is configured
  EXPECT_EQ(s.params.describe(), "\"thing\" at \"elsewhere:6000\" as \"someone\"");
  EXPECT_EQ(s.params.password().reveal(), "secret");
  EXPECT_THAT(s.params.to_conninfo(), testing::Not(HasSubstr("secret")));
}

TEST_F(Settings, SecretsOtherThanThePasswordAreRefusedInAConnectionString) {
  (void)source({.conninfo = "host=h dbname=d user=u sslpassword=hunter2"}, {});
  EXPECT_THAT(message(), AllOf(HasSubstr("cannot use sslpassword in a connection string"),
                               testing::Not(HasSubstr("hunter2"))));
}

TEST_F(Settings, LibpqsVariablesFillWhatIsOpen) {
  const DatabaseSettings s =
      source({}, {{"POSTGRES_HOST", ""}, {"PGHOST", "pg.example"}, {"PGPORT", "6543"}});
  EXPECT_EQ(message(), "");
  EXPECT_EQ(s.params.get("host"), "pg.example");
  EXPECT_EQ(s.params.get("port"), "6543");
}

TEST_F(Settings, AllThatIsMissingIsNamedAtOnce) {
  (void)resolve_source({}, Environment(Map{}), problems_);
  (void)resolve_store({}, Environment(Map{}), problems_);
  (void)resolve_public_key({}, Environment(Map{}), problems_);
  EXPECT_THAT(message(), AllOf(HasSubstr("POSTGRES_DATABASE"), HasSubstr("POSTGRES_HOST"),
                               HasSubstr("POSTGRES_USER"), HasSubstr("S3_BUCKET"),
                               HasSubstr("OPENSSL_PUBLIC_KEY")));
}

TEST_F(Settings, ContradictionsAreNamedAtOnce) {
  (void)source({.host = "a", .conninfo = "host=b dbname=app", .auth = "iam"},
               {{"PGUSER", "other"}, {"PGPASSWORD", "x"}, {"PGSSLMODE", "require"}});
  EXPECT_THAT(message(), AllOf(HasSubstr("--host and host in --dbname contradict"),
                               HasSubstr("POSTGRES_USER and PGUSER contradict"),
                               HasSubstr("--db-auth iam and a password contradict"),
                               HasSubstr("needs sslmode verify-full, not require")));
}

TEST_F(Settings, MissingCertificatesSayWhereToGetThem) {
  (void)source({}, {{"PGSSLROOTCERT", "/no/such/file"}});
  EXPECT_THAT(message(), AllOf(HasSubstr("cannot read the RDS certificates \"/no/such/file\""),
                               HasSubstr("https://truststore.pki.rds.amazonaws.com/")));
}

TEST_F(Settings, APasswordASocketOrNoRegionMeanNoIam) {
  EXPECT_FALSE(source({}, {{"PGPASSWORD", "x"}}).iam);
  EXPECT_FALSE(source({}, {{"POSTGRES_HOST", "/run/postgresql"}}).iam);
  EXPECT_FALSE(source({}, {{"REGION", ""}}).iam);
  EXPECT_FALSE(source({.auth = "password"}, {}).iam);
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, AnRdsHostTellsItsRegionAndIsVerifiedWithAPasswordToo) {
  const char* host = "db.c1example.eu-central-1.rds.amazonaws.com";
  const DatabaseSettings iam = source({}, {{"REGION", ""}, {"POSTGRES_HOST", host}});
  ASSERT_TRUE(iam.iam);
  EXPECT_EQ(iam.iam->region, "eu-central-1");
  const DatabaseSettings password = source({}, {{"POSTGRES_HOST", host}, {"PGPASSWORD", "x"}});
  EXPECT_EQ(password.params.get("sslmode"), "verify-full");
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, BadPortsAreRefused) {
  for (const char* port : {"0", "65536", "-1", "54x", "5432 "}) {
    Problems problems;
    (void)resolve_source({.port = port, .conninfo = "host=h dbname=d user=u"}, Environment(Map{}),
                         problems);
    EXPECT_THAT(message_of(problems), HasSubstr("the port is")) << port;
  }
}

TEST_F(Settings, TheTargetIsNotTakenFromTheSourcesVariables) {
  const Environment environment(
      Map{{"POSTGRES_DATABASE", "source"}, {"POSTGRES_HOST", "source.example"}});
  const DatabaseSettings target = resolve_target("dbname=target", {}, environment, problems_);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(target.params.describe(), "\"target\"");
  (void)resolve_target("host=h", {}, environment, problems_);
  EXPECT_THAT(message(), HasSubstr("--to names no database"));
}

std::optional<store::StoreUrl> store_of(const StoreFlags& flags, const Map& variables,
                                        Problems& problems) {
  return resolve_store(flags, Environment(variables), problems);
}

TEST_F(Settings, TheImagesVariablesMeanABucket) {
  const auto url =
      store_of({}, {{"S3_BUCKET", "backups-of-us"}, {"REGION", "eu-west-1"}}, problems_);
  ASSERT_TRUE(url);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(url->bucket, "backups-of-us");
  EXPECT_EQ(url->prefix, "backups");
  EXPECT_EQ(url->region, "eu-west-1");
  const auto own = store_of({},
                            {{"S3_BUCKET", "b-b"},
                             {"S3_PREFIX", "p/q"},
                             {"REGION", "eu-west-1"},
                             {"S3_REGION", "us-east-2"}},
                            problems_);
  EXPECT_EQ(own->prefix, "p/q");
  EXPECT_EQ(own->region, "us-east-2");
}

TEST_F(Settings, TwoStoresContradictEachOther) {
  (void)store_of({.store = "file:///d", .bucket = "b"}, {}, problems_);
  (void)store_of({}, {{"PGSEAL_STORE", "file:///d"}, {"S3_BUCKET", "bbb"}}, problems_);
  EXPECT_THAT(message(), AllOf(HasSubstr("--store and --bucket"),
                               HasSubstr("PGSEAL_STORE and S3_BUCKET contradict")));
}

TEST_F(Settings, AFlagsStoreWinsOverTheVariables) {
  const auto url = store_of({.store = "file:///d"}, {{"S3_BUCKET", "bbb"}}, problems_);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(url->kind, store::StoreUrl::Kind::directory);
}

TEST_F(Settings, ABucketWithoutRegionIsAProblem) {
  (void)store_of({}, {{"S3_BUCKET", "bbb"}}, problems_);
  EXPECT_THAT(message(), HasSubstr("the bucket's region is missing"));
}

TEST_F(Settings, RateLimitSpellingsOfTheImageContradictOnlyWhenTheyDiffer) {
  EXPECT_EQ(
      choose({}, {"RATE_LIMIT", "RATE_LMIT"}, Environment(Map{{"RATE_LMIT", "10M"}}), problems_),
      "10M");
  EXPECT_EQ(choose({}, {"RATE_LIMIT", "RATE_LMIT"},
                   Environment(Map{{"RATE_LMIT", "10M"}, {"RATE_LIMIT", "10M"}}), problems_),
            "10M");
  EXPECT_EQ(message(), "");
  (void)choose({}, {"RATE_LIMIT", "RATE_LMIT"},
               Environment(Map{{"RATE_LMIT", "10M"}, {"RATE_LIMIT", "5M"}}), problems_);
  EXPECT_EQ(message(), "RATE_LIMIT and RATE_LMIT contradict each other");
}

}  // namespace
}  // namespace pgseal::cli
