// What is said while a backup runs, and what is never said.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A server that asks for a password, a guarded private key, temporary AWS credentials.
class Log : public testing::Test {
 protected:
  Log() {
    server_.psql("postgres", "ALTER USER postgres PASSWORD 'pa55w0rd'");
    server_.create_database("app");
    server_.psql("app", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g");
    test::write_text(dir_ / "phrase", "correct horse\n");
  }

  [[nodiscard]] test::Variables variables() const {
    return {{"POSTGRES_DATABASE", "app"},
            {"POSTGRES_HOST", "127.0.0.1"},
            {"POSTGRES_PORT", std::to_string(server_.port())},
            {"POSTGRES_USER", "postgres"},
            {"PGPASSWORD", "pa55w0rd"},
            {"S3_BUCKET", "bucket"},
            {"S3_REGION", "eu-west-1"},
            {"OPENSSL_PUBLIC_KEY", keys_.public_pem},
            {"AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"},
            {"AWS_SECRET_ACCESS_KEY", "5ecretAcce55Key"},
            {"AWS_SESSION_TOKEN", "5e55ionT0ken"},
            {"AWS_ENDPOINT_URL_S3", s3_.url()}};
  }

  /// No line of the run may hold a secret, whatever became of it.
  static void expect_no_secret(const test::CommandResult& result) {
    for (const char* secret :
         {"pa55w0rd", "5ecretAcce55Key", "5e55ionT0ken", "correct horse",
          "Signature=", "X-Amz-Security-Token", "PRIVATE KEY", "BEGIN PUBLIC", "SCRAM"}) {
      EXPECT_THAT(result.out + result.err, Not(HasSubstr(secret)));
    }
  }

  test::PostgresServer server_{{.auth = test::PostgresServer::Auth::scram}};
  test::TempDir dir_;
  test::KeyPair keys_ = test::make_key_pair(dir_.path(), "correct horse");
  test::FakeS3 s3_;
};

TEST_F(Log, LastLineOfASuccessNamesObjectsSizesDurationAndRate) {
  const auto result = test::pgseal({"backup"}, variables());
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(
      result.out,
      testing::MatchesRegex(
          "backed up \"app\": s3://bucket/backups/app_[-0-9T:]*Z\\.sql\\.bz\\.enc \\([^)]*B\\), "
          "app_[-0-9T:]*Z\\.key\\.txt\\.enc \\(256 B\\), app_[-0-9T:]*Z\\.manifest\\.json; "
          "[0-9.]* KiB of SQL in [0-9.]* s, [0-9.]* [KM]iB/s\n"));
}

TEST_F(Log, JsonLinesAreObjects) {
  const auto result = test::pgseal({"backup", "--log-format", "json"}, variables());
  ASSERT_TRUE(result.ok()) << result.describe();
  std::istringstream lines(result.err + result.out);
  Json last;
  for (std::string line; std::getline(lines, line);) {
    last = Json::parse(line);
    EXPECT_TRUE(last.contains("time") && last.contains("level") && last.contains("message"))
        << line;
  }
  EXPECT_EQ(last.at("event"), "backup");
  EXPECT_EQ(last.at("database"), "app");
  EXPECT_GT(last.at("sql_bytes"), 1000);
}

TEST_F(Log, ErrorsInJsonHaveTheirExitCode) {
  auto wrong = variables();
  wrong["POSTGRES_DATABASE"] = "nowhere";
  const auto result = test::pgseal({"backup", "--log-format", "json"}, wrong);
  EXPECT_EQ(result.exit_code, 4);
  const std::string lines = result.err;
  const Json last = Json::parse(lines.substr(lines.rfind('\n', lines.size() - 2) + 1));
  EXPECT_EQ(last.at("level"), "error");
  EXPECT_EQ(last.at("exit_code"), 4);
}

TEST_F(Log, ATerminalSeesALineThatUpdates) {
  auto slow = variables();
  slow["RATE_LIMIT"] = "4k";
  const auto result = test::run({"expect", "-c",
                                 std::string("set timeout 60\nspawn ") + PGSEAL_PROGRAM +
                                     " backup\nexpect {eof {} timeout {exit 99}}\n"
                                     "lassign [wait] pid spawnid os_error code\nexit $code"},
                                test::pgseal_environment(slow));
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("\r\033[Jdumped "));
  EXPECT_THAT(result.out, HasSubstr(", compressed "));
  EXPECT_THAT(result.out, HasSubstr(", sent "));
}

TEST_F(Log, WithoutATerminalALineComesEvery30Seconds) {
  server_.psql("app", "INSERT INTO t SELECT g FROM generate_series(1, 30000) g");
  auto slow = variables();
  slow["RATE_LIMIT"] = "4k";
  slow["PGSEAL_LOG_FORMAT"] = "json";
  test::RunningCommand backup(test::pgseal_command({"backup"}), test::pgseal_environment(slow));
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(backup.wait_for_error_text("\"event\":\"progress\"", std::chrono::seconds(45)))
      << backup.error_so_far();
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(waited.count(), 28);
  const std::string log = backup.error_so_far();
  const auto at = log.rfind("\n", log.find("\"event\":\"progress\"")) + 1;
  const Json line = Json::parse(log.substr(at, log.find('\n', at) - at));
  // Thirty seconds at 4 KiB a second.
  EXPECT_NEAR(line.at("sql_bytes").get<double>(), 30 * 4096, 3 * 4096);
  EXPECT_THAT(line.at("message").get<std::string>(), testing::StartsWith("dumped "));
}

TEST_F(Log, NoSecretIsEverSaid) {
  const std::string store = "file://" + dir_.path();
  for (const char* form : {"text", "json"}) {
    // Both may be made in the same second, and so would have one name.
    const auto settings = [&] {
      auto own = variables();
      own["S3_PREFIX"] = form;
      return own;
    };
    const auto backup = test::pgseal({"backup", "--verbose", "--log-format", form}, settings());
    EXPECT_TRUE(backup.ok()) << backup.describe();
    expect_no_secret(backup);

    auto wrong = settings();
    wrong["PGPASSWORD"] = "pa55w0rd-but-wrong";
    expect_no_secret(test::pgseal({"backup", "--verbose", "--log-format", form}, wrong));

    auto refused = settings();
    refused["S3_BUCKET"] = "elsewhere";
    expect_no_secret(test::pgseal({"backup", "--verbose", "--log-format", form}, refused));

    server_.psql("postgres", "DROP DATABASE IF EXISTS target");
    server_.create_database("target");
    const auto restore = test::pgseal(
        {"restore", "--verbose", "--log-format", form, "--identity", keys_.private_pem,
         "--passphrase-file", dir_ / "phrase", "--to",
         "postgresql://postgres:pa55w0rd@127.0.0.1:" + std::to_string(server_.port()) + "/target"},
        settings());
    EXPECT_TRUE(restore.ok()) << restore.describe();
    expect_no_secret(restore);

    // Nor is a key that lost its first line, and so looks like a path.
    auto headless = settings();
    headless["OPENSSL_PUBLIC_KEY"] = "5ecretAcce55Key\n-----END RSA PRIVATE KEY-----";
    expect_no_secret(test::pgseal({"backup", "--verbose", "--log-format", form}, headless));

    // A connection string that cannot be read is not quoted either.
    expect_no_secret(test::pgseal(
        {"backup", "--verbose", "--dbname", "postgresql://postgres:pa55w0rd@[oops/app"},
        settings()));
  }
}

TEST_F(Log, NoSecretIsInAnArgumentOfAChild) {
  auto slow = variables();
  slow["RATE_LIMIT"] = "2k";
  test::RunningCommand backup(test::pgseal_command({"backup"}), test::pgseal_environment(slow));
  std::string arguments;
  ASSERT_TRUE(test::wait_until([&] {
    const pid_t dump = test::child_named(backup.pid(), "pg_dump");
    if (dump != 0) arguments = test::read_text("/proc/" + std::to_string(dump) + "/cmdline");
    return arguments.find("dbname=") != std::string::npos;  // before, it is asked for its version
  }));
  EXPECT_THAT(arguments, Not(HasSubstr("pa55w0rd")));
  const auto result = backup.join();
  EXPECT_TRUE(result.ok()) << result.describe();
}

}  // namespace
}  // namespace pgseal
