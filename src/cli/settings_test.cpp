#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "cli/backup_settings.h"
#include "cli/settings.h"
#include "support/configuration_case.h"
#include "support/pgseal_program.h"

namespace pgseal::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kNow{std::chrono::hours(24 * 365 * 56)};
constexpr const char* kRecipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// The variables of the old image, and a certificate file.
class Settings : public test::ConfigurationCase {
 protected:
  Settings() { test::write_text(ca_, "certificates"); }

  DatabaseSettings source(GivenFlags flags, const Map& changes) {
    Map variables{{"REGION", "eu-west-1"},
                  {"POSTGRES_DATABASE", "app"},
                  {"POSTGRES_HOST", "db.example"},
                  {"POSTGRES_USER", "backup"},
                  {"PGSSLROOTCERT", ca_}};
    for (const auto& [name, value] : changes) variables[name] = value;
    return resolve_source(configure(std::move(flags), std::move(variables)));
  }
  std::optional<store::StoreUrl> store(GivenFlags flags, Map variables) {
    const auto settings = resolve_store(configure(std::move(flags), std::move(variables)));
    return settings ? std::optional(settings->url) : std::nullopt;
  }

  std::string ca_ = dir_ / "ca.pem";
};

// The database.

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
      source({{"host", {"other.example"}}, {"port", {"5433"}}, {"database", {"flagged"}}},
             {{"POSTGRES_PORT", "9999"}});
  EXPECT_EQ(message(), "");
  EXPECT_EQ(s.params.get("host"), "other.example");
  EXPECT_EQ(s.params.get("port"), "5433");
  EXPECT_EQ(s.params.get("dbname"), "flagged");
}

TEST_F(Settings, AConnectionStringWinsOverVariables) {
  const DatabaseSettings s =
      source({{"dbname", {"postgresql://someone:secret@elsewhere:6000/thing"}}}, {});
  EXPECT_EQ(message(), "");
  EXPECT_FALSE(s.iam);  // a password is configured
  EXPECT_EQ(s.params.describe(), "\"thing\" at \"elsewhere:6000\" as \"someone\"");
  EXPECT_EQ(s.params.password().reveal(), "secret");
  EXPECT_THAT(s.params.to_conninfo(), Not(HasSubstr("secret")));
}

TEST_F(Settings, VariablesWinOverAConnectionStringInAFile) {
  const DatabaseSettings s =
      resolve_source(with_file("dbname = 'host=file port=6000 dbname=d user=u'\nuser = 'top'\n"
                               "[profiles.x]\nuser = 'stronger'\n",
                               {{"profile", {"x"}}}, {{"PGHOST", "variable"}}));
  EXPECT_EQ(message(), "");
  EXPECT_EQ(s.params.describe(), "\"d\" at \"variable:6000\" as \"stronger\"");
}

TEST_F(Settings, SecretsOtherThanThePasswordAreRefusedInAConnectionString) {
  (void)source({{"dbname", {"host=h dbname=d user=u sslpassword=hunter2"}}}, {});
  EXPECT_THAT(message(), AllOf(HasSubstr("cannot use sslpassword in a connection string"),
                               Not(HasSubstr("hunter2"))));
}

TEST_F(Settings, LibpqsVariablesFillWhatIsOpen) {
  const DatabaseSettings s =
      source({}, {{"POSTGRES_HOST", ""}, {"PGHOST", "pg.example"}, {"PGPORT", "6543"}});
  EXPECT_EQ(message(), "");
  EXPECT_EQ(s.params.get("host"), "pg.example");
  EXPECT_EQ(s.params.get("port"), "6543");
}

TEST_F(Settings, AllThatIsMissingIsNamedAtOnce) {
  (void)resolve_backup(configure({{"format", {"classic"}}}, {}), kNow);
  EXPECT_THAT(message(), AllOf(HasSubstr("POSTGRES_DATABASE"), HasSubstr("POSTGRES_HOST"),
                               HasSubstr("POSTGRES_USER"), HasSubstr("S3_BUCKET"),
                               HasSubstr("OPENSSL_PUBLIC_KEY")));
}

TEST_F(Settings, ContradictionsAreNamedAtOnce) {
  (void)source({{"host", {"a"}}, {"dbname", {"host=b dbname=app"}}, {"db_auth", {"iam"}}},
               {{"PGUSER", "other"}, {"PGPASSWORD", "x"}, {"PGSSLMODE", "require"}});
  EXPECT_THAT(message(),
              AllOf(HasSubstr("host (flag --host) and host in dbname (flag --dbname) contradict"),
                    HasSubstr("POSTGRES_USER and PGUSER contradict"),
                    HasSubstr("--db-auth iam and a password contradict"),
                    HasSubstr("needs sslmode verify-full, not require")));
}

TEST_F(Settings, MissingCertificatesSayWhereToGetThem) {
  (void)source({}, {{"PGSSLROOTCERT", "/no/such/file"}});
  EXPECT_THAT(message(), AllOf(HasSubstr("cannot read the RDS certificates \"/no/such/file\""),
                               HasSubstr("https://truststore.pki.rds.amazonaws.com/")));
}

TEST_F(Settings, EachPartitionHasItsOwnCertificates) {
  const auto expect_hint = [&](const Map& changes, const char* url, const char* path) {
    Map variables{{"REGION", ""}, {"PGSSLROOTCERT", ""}};
    for (const auto& [name, value] : changes) variables[name] = value;
    (void)source({}, variables);
    EXPECT_THAT(message(), AllOf(HasSubstr(url), HasSubstr(path)));
  };
  const char* gov = "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/";
  const char* china = "https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/global/";
  expect_hint({{"POSTGRES_HOST", "db.c1.us-gov-east-1.rds.amazonaws.com"}}, gov,
              "/etc/pgseal/rds-us-gov-bundle.pem");
  expect_hint({{"POSTGRES_HOST", "db.c1.rds.cn-northwest-1.amazonaws.com.cn"}}, china,
              "/etc/pgseal/rds-cn-bundle.pem");
  // A host's name that tells no region, and a password.
  expect_hint({{"REGION", "cn-north-1"}}, china, "/etc/pgseal/rds-cn-bundle.pem");
  expect_hint({{"POSTGRES_HOST", "db.c1.cn-north-1.rds.amazonaws.com.cn"}, {"PGPASSWORD", "x"}},
              china, "/etc/pgseal/rds-cn-bundle.pem");
  expect_hint({{"REGION", "eu-west-1"}}, "https://truststore.pki.rds.amazonaws.com/global/",
              "/etc/pgseal/rds-global-bundle.pem");
}

TEST_F(Settings, AProxyOfRdsIsRefused) {
  for (const char* host : {"p.proxy-c1.eu-west-1.rds.amazonaws.com",
                           "r.endpoint.proxy-c1.eu-west-1.rds.amazonaws.com"}) {
    (void)source({}, {{"POSTGRES_HOST", host}});
    EXPECT_THAT(message(), AllOf(HasSubstr(host), HasSubstr("is an RDS Proxy")));
    (void)resolve_target(format("host={} dbname=d user=u", host),
                         configure({}, {{"PGSSLROOTCERT", ca_}}));
    EXPECT_THAT(message(), HasSubstr("is an RDS Proxy"));
  }
}

TEST_F(Settings, AnEndpointOfSeveralServersIsReadFromAndNotRestoredInto) {
  for (const char* id : {"cluster-ro-c1", "cluster-custom-c1"}) {
    const std::string host = format("db.{}.eu-west-1.rds.amazonaws.com", id);
    (void)source({}, {{"POSTGRES_HOST", host}});
    EXPECT_EQ(message(), "");
    (void)resolve_target(format("host={} dbname=d user=u", host),
                         configure({}, {{"PGSSLROOTCERT", ca_}}));
    EXPECT_THAT(message(), HasSubstr("gives each connection another server"));
  }
}

TEST_F(Settings, APasswordASocketOrNoRegionMeanNoIam) {
  EXPECT_FALSE(source({}, {{"PGPASSWORD", "x"}}).iam);
  EXPECT_FALSE(source({}, {{"POSTGRES_HOST", "/run/postgresql"}}).iam);
  EXPECT_FALSE(source({}, {{"REGION", ""}}).iam);
  EXPECT_FALSE(source({{"db_auth", {"password"}}}, {}).iam);
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, AnRdsHostTellsItsRegionAndIsVerifiedWithAPasswordToo) {
  const char* host = "db.c1example.eu-central-1.rds.amazonaws.com";
  const DatabaseSettings iam = source({}, {{"REGION", ""}, {"POSTGRES_HOST", host}});
  ASSERT_TRUE(iam.iam);
  EXPECT_EQ(iam.iam->region, "eu-central-1");
  EXPECT_EQ(configuration_->in_force(setting::region)->origin, "from the host's name");
  const DatabaseSettings password = source({}, {{"POSTGRES_HOST", host}, {"PGPASSWORD", "x"}});
  EXPECT_EQ(password.params.get("sslmode"), "verify-full");
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, BadPortsAreRefused) {
  for (const char* port : {"0", "65536", "-1", "54x", "5432 "}) {
    (void)resolve_source(configure({{"port", {port}}, {"dbname", {"host=h dbname=d user=u"}}}, {}));
    EXPECT_THAT(message(), HasSubstr("the port is")) << port;
  }
}

TEST_F(Settings, TheTargetIsNotTakenFromTheSourcesSettings) {
  Configuration& c = with_file(
      "port = 1\n", {}, {{"POSTGRES_DATABASE", "source"}, {"POSTGRES_HOST", "source.example"}});
  const DatabaseSettings target = resolve_target("dbname=target", c);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(target.params.describe(), "\"target\"");
  (void)resolve_target("host=h", c);
  EXPECT_THAT(message(), HasSubstr("--to names no database"));
}

// The store.

TEST_F(Settings, TheImagesVariablesMeanABucket) {
  const auto url = store({}, {{"S3_BUCKET", "backups-of-us"}, {"REGION", "eu-west-1"}});
  ASSERT_TRUE(url);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(url->bucket, "backups-of-us");
  EXPECT_EQ(url->prefix, "backups");
  EXPECT_EQ(url->region, "eu-west-1");
  const auto own = store({}, {{"S3_BUCKET", "b-b"},
                              {"S3_PREFIX", "p/q"},
                              {"REGION", "eu-west-1"},
                              {"S3_REGION", "us-east-2"}});
  EXPECT_EQ(own->prefix, "p/q");
  EXPECT_EQ(own->region, "us-east-2");
}

TEST_F(Settings, AnEmptyPrefixIsTheBucketsRoot) {
  const auto url = store({{"prefix", {""}}}, {{"S3_BUCKET", "bbb"}, {"S3_REGION", "eu-west-1"}});
  EXPECT_EQ(message(), "");
  EXPECT_EQ(url->prefix, "");
}

TEST_F(Settings, TwoStoresOfTheSameStrengthContradictEachOther) {
  (void)store({{"store", {"file:///d"}}, {"bucket", {"b"}}}, {});
  EXPECT_EQ(message(), "flag --store and flag --bucket contradict each other");
  (void)store({{"store", {"file:///d"}}, {"prefix", {"p"}}}, {});
  EXPECT_EQ(message(), "flag --store and flag --prefix contradict each other");
  (void)store({}, {{"PGSEAL_STORE", "file:///d"}, {"S3_BUCKET", "bbb"}});
  EXPECT_EQ(message(), "variable PGSEAL_STORE and variable S3_BUCKET contradict each other");
}

TEST_F(Settings, OfAStoreAndABucketTheStrongerIsMeant) {
  EXPECT_EQ(store({{"store", {"file:///d"}}}, {{"S3_BUCKET", "bbb"}})->directory, "/d");
  EXPECT_EQ(store({}, {{"PGSEAL_STORE", "file:///d"}, {"S3_PREFIX", "p"}})->directory, "/d");
  const auto bucket =
      store({{"bucket", {"bbb"}}}, {{"PGSEAL_STORE", "file:///d"}, {"REGION", "eu-west-1"}});
  EXPECT_EQ(bucket->bucket, "bbb");
  const auto of_file = resolve_store(
      with_file("store = 'file:///f'\n", {}, {{"S3_BUCKET", "bbb"}, {"REGION", "eu-west-1"}}));
  EXPECT_EQ(of_file->url.bucket, "bbb");
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, ABucketWithoutRegionIsAProblem) {
  (void)store({}, {{"S3_BUCKET", "bbb"}});
  EXPECT_THAT(message(), HasSubstr("the bucket's region is missing"));
}

TEST_F(Settings, AnAccessPointBringsItsRegion) {
  const std::string arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly";
  EXPECT_EQ(store({}, {{"S3_BUCKET", arn}, {"REGION", "us-east-1"}})->region, "eu-west-1");
  EXPECT_EQ(message(), "");
  EXPECT_EQ(configuration_->in_force(setting::s3_region)->origin, "the access point");
  EXPECT_EQ(store({{"store", {"s3://" + arn + "/p"}}}, {})->bucket, arn);
  EXPECT_EQ(message(), "");
  (void)store({}, {{"S3_BUCKET", "arn:aws:s3:::bbb"}});
  EXPECT_THAT(message(), HasSubstr("it is no access point"));
}

TEST_F(Settings, PlainHttpIsForThisMachineUnlessAllowed) {
  const std::string far = "s3://bbb?endpoint=http://10.0.0.1:9000";
  (void)store({{"store", {far}}}, {});
  EXPECT_THAT(message(), HasSubstr("\"http://10.0.0.1:9000\" is plain HTTP"));
  (void)store({{"store", {"s3://bbb"}}}, {{"AWS_ENDPOINT_URL", "http://s3.example"}});
  EXPECT_THAT(message(), HasSubstr("\"http://s3.example\" is plain HTTP"));
  (void)store({{"store", {far}}, {"allow_http", {"on"}}}, {});
  EXPECT_EQ(message(), "");
  (void)store({{"store", {"s3://bbb?endpoint=http://127.0.0.1:9000"}}}, {});
  EXPECT_EQ(message(), "");
  (void)store({{"store", {"s3://bbb?endpoint=https://10.0.0.1:9000"}}}, {});
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, KindsOfEndpointsAreThoseOfAwssVariables) {
  const GivenFlags flags{{"store", {"s3://bbb?region=eu-west-1"}}};
  const auto settings = resolve_store(configure(
      flags, {{"AWS_USE_FIPS_ENDPOINT", "True"}, {"AWS_USE_DUALSTACK_ENDPOINT", "false"}}));
  EXPECT_EQ(message(), "");
  EXPECT_TRUE(settings->endpoint_kind.fips);
  EXPECT_FALSE(settings->endpoint_kind.dual_stack);
  (void)resolve_store(configure(flags, {{"AWS_USE_FIPS_ENDPOINT", "yes"}}));
  EXPECT_THAT(message(), HasSubstr("AWS_USE_FIPS_ENDPOINT is \"yes\", and must be true or false"));
  (void)resolve_store(configure({{"store", {"s3://my.bucket?region=eu-west-1"}}},
                                {{"AWS_USE_FIPS_ENDPOINT", "true"}}));
  EXPECT_THAT(message(), HasSubstr("\"my.bucket\" at a FIPS endpoint"));
}

TEST_F(Settings, TheAddressingIsOneOfThree) {
  const auto addressing = [&](const std::string& how) {
    return resolve_store(
               configure({{"store", {"s3://bbb?region=eu-west-1"}}, {"addressing", {how}}}, {}))
        ->addressing;
  };
  EXPECT_EQ(addressing("auto"), store::Addressing::automatic);
  EXPECT_EQ(addressing("path"), store::Addressing::path);
  EXPECT_EQ(addressing("virtual"), store::Addressing::virtual_hosted);
  EXPECT_EQ(message(), "");
  (void)addressing("dns");
  EXPECT_THAT(message(), HasSubstr("addressing is \"dns\", and must be auto, path or virtual"));
}

TEST_F(Settings, WhatAServerDoesNotKnowIsLeftOut) {
  const auto dialect = [&](GivenFlags flags, Map variables) {
    flags["store"] = {"s3://bbb?region=eu-west-1"};
    return resolve_store_to_write(configure(std::move(flags), std::move(variables)), kNow)->dialect;
  };
  EXPECT_TRUE(dialect({}, {}).sha256_checksums);
  EXPECT_TRUE(dialect({}, {}).conditional_writes);
  EXPECT_FALSE(
      dialect({}, {{"AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"}}).sha256_checksums);
  EXPECT_FALSE(dialect({{"conditional_writes", {"off"}}}, {}).conditional_writes);
  EXPECT_EQ(dialect({}, {}).part_size, 0u);
  EXPECT_EQ(dialect({{"part_size", {"64M"}}}, {}).part_size, 64 * kMiB);
  EXPECT_EQ(message(), "");
  (void)dialect({{"part_size", {"1M"}}}, {});
  EXPECT_THAT(message(), HasSubstr("must be from 5.0 MiB to 2.0 GiB"));
  (void)dialect({}, {{"AWS_REQUEST_CHECKSUM_CALCULATION", "never"}});
  EXPECT_THAT(message(), HasSubstr("must be when_supported or when_required"));
}

// Format, keys, numbers.

TEST_F(Settings, NumbersSizesAndWordsAreCheckedWhereverTheyAreFrom) {
  Configuration& c = with_file(
      "zstd_level = 99\n", {{"jobs", {"0"}}, {"chunk_size", {"16 M"}}},
      {{"PGSEAL_BUNDLE_SIZE", "1k"}, {"PGSEAL_FORMAT", "classical"}, {"RATE_LIMIT", "fast"}});
  (void)resolve_backup(c, kNow);
  EXPECT_THAT(
      message(),
      AllOf(HasSubstr("jobs is \"0\", and must be a number from 1 to 64 (flag --jobs)"),
            HasSubstr("chunk_size is \"16 M\", and must be a number of bytes"),
            HasSubstr("bundle_size is \"1k\", and must be from 64.0 KiB to 1.0 GiB (variable "
                      "PGSEAL_BUNDLE_SIZE)"),
            HasSubstr("zstd_level is \"99\", and must be a number from 1 to 19 (file " + file_),
            HasSubstr("format is \"classical\", and must be archive or classic (variable "
                      "PGSEAL_FORMAT)"),
            HasSubstr("rate_limit is \"fast\"")));
}

TEST_F(Settings, TheImagesSettingsAloneMeanClassic) {
  const Map image{{"S3_BUCKET", "bbb"}, {"OPENSSL_PUBLIC_KEY", "k"}};
  const auto format_of = [&](const GivenFlags& flags, const Map& more,
                             const std::string& toml = "") {
    Map variables = image;
    for (const auto& [name, value] : more) variables[name] = value;
    return resolve_format(with_file(toml, flags, variables));
  };
  EXPECT_EQ(format_of({}, {}), BackupFormat::classic);
  EXPECT_EQ(format_of({}, {{"RATE_LIMIT", "1M"}, {"S3_PREFIX", "p"}, {"PGSEAL_JOBS", "2"}}),
            BackupFormat::classic);
  EXPECT_EQ(format_of({{"bucket", {"b"}}, {"public_key", {"k"}}},
                      {{"S3_BUCKET", ""}, {"OPENSSL_PUBLIC_KEY", ""}}),
            BackupFormat::classic);
  // Anything else makes an archive.
  for (const char* key : {"store", "recipients", "recipients_file", "signing_key", "chunk_size",
                          "bundle_size", "segment_size", "zstd_level", "pg_dump_options"}) {
    EXPECT_EQ(format_of({{key, {"x"}}}, {}), BackupFormat::archive) << key;
  }
  EXPECT_EQ(format_of({}, {{"PGSEAL_STORE", "file:///d"}}), BackupFormat::archive);
  EXPECT_EQ(format_of({}, {}, "recipients = ['x']"), BackupFormat::archive);
  EXPECT_EQ(format_of({}, {{"S3_BUCKET", ""}}, "bucket = 'bbb'"), BackupFormat::archive);
  EXPECT_EQ(format_of({}, {{"OPENSSL_PUBLIC_KEY", ""}}), BackupFormat::archive);
  EXPECT_EQ(format_of({}, {{"PGSEAL_FORMAT", "archive"}}), BackupFormat::archive);
  EXPECT_EQ(message(), "");
}

TEST_F(Settings, ClassicHasNothingOfTheArchives) {
  (void)resolve_backup(with_file("zstd_level = 3\n",
                                 {{"format", {"classic"}},
                                  {"recipients", {kRecipient}},
                                  {"pg_dump_options", {"--schema=x"}}},
                                 {{"PGSEAL_SIGNING_KEY", "key"}, {"PGSEAL_CHUNK_SIZE", "1M"}}),
                       kNow);
  EXPECT_THAT(
      message(),
      AllOf(HasSubstr("the classic format has no recipients (flag --recipient)"),
            HasSubstr("the classic format has no pg_dump_options"),
            HasSubstr("the classic format has no signing_key (variable PGSEAL_SIGNING_KEY)"),
            HasSubstr("the classic format has no chunk_size (variable PGSEAL_CHUNK_SIZE)"),
            HasSubstr("the classic format has no zstd_level (file " + file_)));
}

TEST_F(Settings, AnArchiveWithoutRecipientsIsRefused) {
  (void)resolve_backup(configure({{"store", {"file:///d"}}}, {}), kNow);
  EXPECT_THAT(message(), HasSubstr("the recipients are missing"));
}

TEST_F(Settings, RecipientsAreAllThatAreNamedEachOnce) {
  const test::KeyPair pair = test::make_key_pair(dir_.path());
  test::write_text(dir_ / "team", std::string("# us\n") + kRecipient + "\n");
  const auto all = resolve_recipients(
      configure({{"recipients", {kRecipient}}, {"recipients_file", {dir_ / "team"}}},
                {{"OPENSSL_PUBLIC_KEY", pair.public_pem}}));
  EXPECT_EQ(message(), "");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].text(), kRecipient);
  EXPECT_THAT(all[1].text(), testing::StartsWith("ssh-rsa "));
}

TEST_F(Settings, BadRecipientsAreNamedWithWhereTheyAreFrom) {
  test::write_text(dir_ / "team", "nobody\n");
  (void)resolve_recipients(configure(
      {{"recipients", {"age1oops"}}, {"recipients_file", {dir_ / "team", "/no/such"}}}, {}));
  EXPECT_THAT(message(), AllOf(HasSubstr("flag --recipient: "), HasSubstr(dir_ / "team"),
                               HasSubstr("/no/such")));
}

TEST_F(Settings, ASigningKeyIsAFileOrAVariablesText) {
  const Secret text = crypto::MinisignSecretKey::generate().file_text(std::nullopt);
  const std::string plain(text.reveal());
  test::write_text(dir_ / "key", plain);
  std::string in_one_line = plain;
  for (auto at = in_one_line.find('\n'); at != std::string::npos; at = in_one_line.find('\n')) {
    in_one_line.replace(at, 1, "\\n");
  }
  for (const std::string& value : {dir_ / "key", plain, in_one_line}) {
    const auto key = resolve_signing_key(configure({}, {{"PGSEAL_SIGNING_KEY", value}}));
    EXPECT_EQ(message(), "");
    ASSERT_TRUE(key);
    EXPECT_EQ(open_signing_key(*key, {}).public_key().text().size(), 56u);
  }
  (void)resolve_signing_key(configure({{"signing_key", {plain}}}, {}));
  EXPECT_THAT(message(), HasSubstr("--signing-key wants the key's file: an argument is seen by"));
}

TEST_F(Settings, AReportIsNotSignedWithTheKeyOfTheBackups) {
  const Secret text = crypto::MinisignSecretKey::generate().file_text(std::nullopt);
  const std::string plain(text.reveal());
  EXPECT_FALSE(resolve_report_signing_key(configure({}, {{"PGSEAL_SIGNING_KEY", plain}})));
  EXPECT_TRUE(resolve_report_signing_key(configure({}, {{"PGSEAL_REPORT_SIGNING_KEY", plain}})));
  EXPECT_EQ(message(), "");
  (void)resolve_report_signing_key(configure({{"report_signing_key", {plain}}}, {}));
  EXPECT_THAT(message(), HasSubstr("--report-signing-key wants the key's file"));
}

TEST_F(Settings, PgDumpOptionsAreCheckedWhereverTheyAreFrom) {
  const GivenFlags enough{{"dbname", {"host=h user=u dbname=d"}},
                          {"store", {"file:///d"}},
                          {"recipients", {kRecipient}}};
  const auto settings =
      resolve_backup(with_file("pg_dump_options = ['--no-owner', '-n', 'shop']", enough, {}), kNow);
  ASSERT_TRUE(settings) << message();
  EXPECT_THAT(std::get<ArchiveSettings>(settings->of_format).pg_dump.arguments,
              ElementsAre("--no-owner", "--schema=shop"));
  (void)resolve_backup(with_file("pg_dump_options = ['--load-via-partition-root']", enough, {}),
                       kNow);
  EXPECT_THAT(message(), HasSubstr("cannot pass \"--load-via-partition-root\" to pg_dump: each"));
}

TEST_F(Settings, ABundleHasToHoldAChunk) {
  (void)resolve_plan(configure({{"chunk_size", {"64M"}}}, {}));
  EXPECT_THAT(message(), HasSubstr("bundle_size is 32M and chunk_size 64M"));
}

TEST_F(Settings, RateLimitSpellingsOfTheImageContradictOnlyWhenTheyDiffer) {
  EXPECT_EQ(configure({}, {{"RATE_LMIT", "10M"}}).text(setting::rate_limit), "10M");
  EXPECT_EQ(configure({}, {{"RATE_LMIT", "10M"}, {"RATE_LIMIT", "10M"}}).text(setting::rate_limit),
            "10M");
  EXPECT_EQ(message(), "");
  (void)configure({}, {{"RATE_LMIT", "10M"}, {"RATE_LIMIT", "5M"}}).text(setting::rate_limit);
  EXPECT_EQ(message(), "RATE_LIMIT and RATE_LMIT contradict each other");
}

}  // namespace
}  // namespace pgseal::cli
