// SIGINT, SIGTERM and a lost reader at every stage: nothing is published, nothing stays behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>

#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/tcp_proxy.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using test::FakeS3;
using test::HttpRequest;
using test::Variables;
using testing::HasSubstr;

class Interrupt : public testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("app");
    server_->psql(
        "app",
        "CREATE TABLE noise AS SELECT g, md5(random()::text) || md5(random()::text) AS text "
        "FROM generate_series(1, 170000) g");
    keys_dir_ = new test::TempDir();
    keys_ = test::make_key_pair(keys_dir_->path());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete keys_dir_;
  }

  [[nodiscard]] Variables variables() const {
    return {{"POSTGRES_DATABASE", "app"},
            {"POSTGRES_HOST", "127.0.0.1"},
            {"POSTGRES_PORT", std::to_string(proxy_.port())},
            {"POSTGRES_USER", "postgres"},
            {"S3_BUCKET", "bucket"},
            {"S3_REGION", "eu-west-1"},
            {"OPENSSL_PUBLIC_KEY", keys_.public_pem},
            {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
            {"AWS_SECRET_ACCESS_KEY", "SECRETEXAMPLE"},
            {"AWS_ENDPOINT_URL_S3", s3_.url()}};
  }

  void expect_clean_end(test::RunningCommand& backup) {
    backup.send_signal(GetParam());
    const auto result = backup.join(std::chrono::seconds(30));
    EXPECT_EQ(result.exit_code, 130) << result.describe();
    EXPECT_THAT(result.err, HasSubstr(GetParam() == SIGINT ? "error interrupted by SIGINT"
                                                           : "error interrupted by SIGTERM"));
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(s3_.objects().empty());
    EXPECT_TRUE(s3_.open_uploads().empty());
    EXPECT_TRUE(test::wait_until([] {
      return server_->psql("postgres",
                           "SELECT count(*) FROM pg_stat_activity WHERE datname = 'app'") == "0";
    }));
  }

  /// Holds the answer to every request of this operation.
  void hold(const std::string& operation) {
    s3_.set_fault([operation](const HttpRequest& request) -> std::optional<test::HttpReply> {
      if (test::s3_operation(request) != operation) return std::nullopt;
      test::HttpReply reply = FakeS3::error(503, "SlowDown");
      reply.hold = true;
      return reply;
    });
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* keys_dir_ = nullptr;
  static inline test::KeyPair keys_;
  std::atomic<bool> slow_begin_ = false;
  FakeS3 s3_{{.delay = [this](const HttpRequest& request) {
    const bool slow = slow_begin_ && test::s3_operation(request) == "CreateMultipartUpload";
    return std::chrono::milliseconds(slow ? 1000 : 0);
  }}};
  test::TcpProxy proxy_{"127.0.0.1", server_->port()};
};

INSTANTIATE_TEST_SUITE_P(Signals, Interrupt, testing::Values(SIGINT, SIGTERM),
                         [](const auto& parameter) {
                           return parameter.param == SIGINT ? "Sigint" : "Sigterm";
                         });

TEST_P(Interrupt, WhileConnecting) {
  proxy_.stall();
  test::RunningCommand backup(test::pgseal_command({"backup"}),
                              test::pgseal_environment(variables()));
  ASSERT_TRUE(test::wait_until([&] { return proxy_.connections() == 1; }));
  expect_clean_end(backup);
}

TEST_P(Interrupt, WhileDumping) {
  Variables slow = variables();
  slow["RATE_LIMIT"] = "1M";
  test::RunningCommand backup(test::pgseal_command({"backup"}), test::pgseal_environment(slow));
  ASSERT_TRUE(test::wait_until([&] { return proxy_.bytes_to_clients() > 1'500'000; }));
  expect_clean_end(backup);
}

TEST_P(Interrupt, WhileTheDumpStalls) {
  Variables slow = variables();
  slow["RATE_LIMIT"] = "1M";
  test::RunningCommand backup(test::pgseal_command({"backup"}), test::pgseal_environment(slow));
  ASSERT_TRUE(test::wait_until([&] { return proxy_.bytes_to_clients() > 1'500'000; }));
  proxy_.stall();
  backup.send_signal(GetParam());
  // pg_dump cancels its query over a connection of its own, which has to get through.
  proxy_.resume();
  const auto result = backup.join(std::chrono::seconds(30));
  EXPECT_EQ(result.exit_code, 130) << result.describe();
  EXPECT_TRUE(s3_.objects().empty());
  EXPECT_TRUE(s3_.open_uploads().empty());
}

TEST_P(Interrupt, WhileAnUploadBegins) {
  hold("CreateMultipartUpload");
  test::RunningCommand backup(test::pgseal_command({"backup"}),
                              test::pgseal_environment(variables()));
  ASSERT_TRUE(s3_.server().wait_for_requests(1));
  expect_clean_end(backup);
}

TEST_P(Interrupt, WhileTheAnswerOfAnUploadsBeginIsOnItsWay) {
  // The upload exists by then, and its id is known only to who reads the answer.
  slow_begin_ = true;
  test::RunningCommand backup(test::pgseal_command({"backup"}),
                              test::pgseal_environment(variables()));
  ASSERT_TRUE(test::wait_until([&] { return !s3_.open_uploads().empty(); }));
  expect_clean_end(backup);
  EXPECT_GE(s3_.aborted_uploads(), 1);
}

TEST_P(Interrupt, WhileAPartIsSent) {
  hold("UploadPart");
  test::RunningCommand backup(test::pgseal_command({"backup"}),
                              test::pgseal_environment(variables()));
  ASSERT_TRUE(s3_.server().wait_for_requests(3));  // two uploads begun, one part sent
  expect_clean_end(backup);
}

class LostReader : public Interrupt {};
INSTANTIATE_TEST_SUITE_P(Once, LostReader, testing::Values(SIGINT),
                         [](const auto&) { return std::string("Pipe"); });

TEST_P(LostReader, OfStandardOutputEndsTheBackup) {
  Variables slow = variables();
  slow["RATE_LIMIT"] = "1M";
  const auto result = test::sh("set +e; " + test::shell_quoted(PGSEAL_PROGRAM) +
                                   " backup | head -c 0; exit ${PIPESTATUS[0]}",
                               test::pgseal_environment(slow));
  EXPECT_EQ(result.exit_code, 130) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("nobody reads standard output any more (broken pipe)"));
  EXPECT_TRUE(s3_.objects().empty());
  EXPECT_TRUE(s3_.open_uploads().empty());
}

TEST_P(LostReader, OfTheLogEndsTheBackup) {
  Variables slow = variables();
  slow["RATE_LIMIT"] = "1M";
  const auto result = test::sh("set +e; " + test::shell_quoted(PGSEAL_PROGRAM) +
                                   " backup 2>&1 >/dev/null | head -n 1; exit ${PIPESTATUS[0]}",
                               test::pgseal_environment(slow));
  EXPECT_EQ(result.exit_code, 130) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("backing up \"app\""));
  EXPECT_TRUE(s3_.objects().empty());
  EXPECT_TRUE(s3_.open_uploads().empty());
}

}  // namespace
}  // namespace pgseal
