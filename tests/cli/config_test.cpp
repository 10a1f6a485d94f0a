// `pgseal config`: what is in force and from where; and that files and flags reach the commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "crypto/minisign.h"
#include "support/pgseal_program.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using test::Variables;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Config : public testing::Test {
 protected:
  void write(const std::string& toml) { test::write_text(file_, toml); }

  /// `pgseal config` with the file.
  [[nodiscard]] test::CommandResult config(const std::vector<std::string>& flags = {},
                                           Variables variables = {}) const {
    std::vector<std::string> arguments{"config"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    variables.emplace("PGSEAL_CONFIG", file_);
    return test::pgseal(arguments, variables);
  }

  test::TempDir dir_;
  std::string file_ = dir_ / "config.toml";
};

TEST_F(Config, ShowsWhatIsInForceAndFromWhere) {
  write(
      "jobs = 3\nhost = 'top'\nstore = 'file:///top'\nrecipients = ['age1a', 'age1b']\n"
      "[profiles.prod]\nhost = 'db.example'\n");
  const auto result =
      config({"--profile", "prod", "--store", "file:///flagged", "--no-owner", "-t", "orders"},
             {{"PGSEAL_ZSTD_LEVEL", "7"}, {"POSTGRES_USER", "backup"}});
  ASSERT_TRUE(result.ok()) << result.describe();
  for (const std::string& line :
       {std::string("store = file:///flagged  (flag --store)"),
        std::string("zstd_level = 7  (variable PGSEAL_ZSTD_LEVEL)"),
        std::string("user = backup  (variable POSTGRES_USER)"),
        "host = db.example  (file " + file_ + ", profile prod)", "jobs = 3  (file " + file_ + ")",
        "recipients = [age1a, age1b]  (file " + file_ + ")",
        std::string("chunk_size = 16M  (default)"), std::string("format = archive  (default)"),
        std::string("pg_dump_options = [--no-owner, --table=orders]  (flags)"),
        std::string("signing_key  (not set)"), std::string("profile = prod  (flag --profile)"),
        "config = " + file_ + "  (variable PGSEAL_CONFIG)"}) {
    EXPECT_THAT("\n" + result.out, HasSubstr("\n" + line + "\n"));
  }
}

TEST_F(Config, ShowsTheSameInJson) {
  write("jobs = 3\nrecipients = ['age1a', 'age1b']\n");
  const auto result = config({"--json"}, {{"PGPASSWORD", "hunter2"}});
  ASSERT_TRUE(result.ok()) << result.describe();
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json.at("jobs"), Json({{"value", 3}, {"origin", "file " + file_}}));
  EXPECT_EQ(json.at("recipients").at("value"), Json({"age1a", "age1b"}));
  EXPECT_EQ(json.at("chunk_size"), Json({{"value", "16M"}, {"origin", "default"}}));
  EXPECT_EQ(json.at("store"), Json({{"value", nullptr}, {"origin", "not set"}}));
  EXPECT_EQ(json.at("password"), Json({{"value", "****"}, {"origin", "variable PGPASSWORD"}}));
}

TEST_F(Config, MasksEverySecret) {
  write("");
  const std::string key(crypto::MinisignSecretKey::generate().file_text({}).reveal());
  const std::string secret_line = key.substr(key.find('\n') + 1, 40);
  for (const char* form : {"--json", "--quiet"}) {
    const auto result = config({form, "--dbname", "postgresql://u:hunter2@h/d"},
                               {{"PGPASSWORD", "hunter2"},
                                {"PGSEAL_SIGNING_KEY", key},
                                {"OPENSSL_PUBLIC_KEY", "-----BEGIN PRIVATE KEY-----\nhunter2"},
                                {"PGSEAL_RECIPIENTS", "AGE-SECRET-KEY-1HUNTER2"}});
    EXPECT_TRUE(result.ok()) << result.describe();
    EXPECT_THAT(result.out + result.err, AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("HUNTER2")),
                                               Not(HasSubstr(secret_line)), HasSubstr("****")));
  }
}

TEST_F(Config, ShowsWhatSettingsMakeOfEachOther) {
  write("store = 'file:///d'\nhost = 'top'\n");
  const auto result = config({"--bucket", "bbb", "--dbname",
                              "host=db.c1example.eu-central-1.rds.amazonaws.com user=u dbname=d"});
  EXPECT_THAT(
      result.out,
      AllOf(HasSubstr("\nstore  (overruled by flag --bucket)\n"),
            HasSubstr("\nhost = db.c1example.eu-central-1.rds.amazonaws.com  (flag --dbname)\n"),
            HasSubstr("\nregion = eu-central-1  (from the host's name)\n")));
  const auto image = config({}, {{"S3_BUCKET", "bbb"},
                                 {"OPENSSL_PUBLIC_KEY", "k"},
                                 {"PGSEAL_STORE", ""},
                                 {"PGSEAL_CONFIG", "/dev/null"}});
  EXPECT_THAT(image.out, AllOf(HasSubstr("\nformat = classic  (default)\n"),
                               HasSubstr("(default, one a processor)")));
}

TEST_F(Config, SaysWhatABackupWouldMiss) {
  write("");
  const auto result = config();
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("`pgseal backup` would refuse this"),
                    HasSubstr("the database is missing"), HasSubstr("the recipients are missing")));
}

TEST_F(Config, EveryCommandRefusesAFileWithMistakes) {
  write("jbos = 3\npassword = 'hunter2'\n");
  for (const char* command : {"config", "list", "show", "backup", "restore", "decrypt"}) {
    const auto result = test::pgseal({command, "--config", file_, "--store", "file:///d"}, {});
    EXPECT_EQ(result.exit_code, 2) << result.describe();
    EXPECT_THAT(result.err, AllOf(HasSubstr(file_ + ":1: unknown key \"jbos\""),
                                  HasSubstr(file_ + ":2: \"password\" holds a secret"),
                                  Not(HasSubstr("hunter2"))));
  }
}

TEST_F(Config, AStoreOfTheUsersFileIsEnoughForAListing) {
  const std::string folder = dir_ / ".config/pgseal";
  std::filesystem::create_directories(folder);
  std::filesystem::create_directory(dir_ / "store");
  test::write_text(folder + "/config.toml", "log_format = 'json'\n[profiles.x]\nstore = 'file://" +
                                                dir_.path() + "/store'\n");
  const auto result =
      test::pgseal({"list", "--profile", "x"}, {{"HOME", dir_.path()}, {"PGSEAL_CONFIG", ""}});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(Json::parse(result.err).at("message").get<std::string>(),
              HasSubstr("no backup in file://" + dir_.path() + "/store"));
}

TEST_F(Config, SaysWhyAnOptionOfPgDumpIsNotHandedOn) {
  const auto result = test::pgseal({"backup", "--load-via-partition-root"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("unknown arguments: --load-via-partition-root; cannot pass "
                                    "\"--load-via-partition-root\" to pg_dump: each partition's"));
}

}  // namespace
}  // namespace pgseal
