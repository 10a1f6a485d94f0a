// Every fault that a backup meets ends with a clear error, and publishes nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/tcp_proxy.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using test::FakeS3;
using test::HttpRequest;
using test::Variables;
using testing::AllOf;
using testing::HasSubstr;

/// A server with a database of some 20 MB that compresses badly, a key pair, and a fake S3.
class BackupFaults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("app");
    server_->psql(
        "app",
        "CREATE TABLE noise AS SELECT g, md5(random()::text) || md5(random()::text) AS text "
        "FROM generate_series(1, 300000) g");
    keys_dir_ = new test::TempDir();
    keys_ = test::make_key_pair(keys_dir_->path());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete keys_dir_;
  }

  /// `backup` of that database into the fake S3, with changes.
  [[nodiscard]] Variables variables(const Variables& changes = {}) const {
    Variables result{{"POSTGRES_DATABASE", "app"},
                     {"POSTGRES_HOST", "127.0.0.1"},
                     {"POSTGRES_PORT", std::to_string(server_->port())},
                     {"POSTGRES_USER", "postgres"},
                     {"S3_BUCKET", "bucket"},
                     {"S3_REGION", "eu-west-1"},
                     {"OPENSSL_PUBLIC_KEY", keys_.public_pem},
                     {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                     {"AWS_SECRET_ACCESS_KEY", "SECRETEXAMPLE"},
                     {"AWS_ENDPOINT_URL_S3", s3_.url()}};
    for (const auto& [name, value] : changes) result[name] = value;
    return result;
  }

  /// Slow enough that a test can do something in the middle.
  [[nodiscard]] Variables slow(Variables changes = {}) const {
    changes["RATE_LIMIT"] = "1M";
    return variables(changes);
  }

  void expect_nothing_published() {
    EXPECT_TRUE(s3_.objects().empty());
    EXPECT_TRUE(s3_.open_uploads().empty());
  }

  void expect_failure(const test::CommandResult& result, int exit_code, const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.describe();
    EXPECT_THAT(result.err, AllOf(HasSubstr(" error "), HasSubstr(words)));
    EXPECT_EQ(result.out, "");
    expect_nothing_published();
  }

  /// Waits until pg_dump runs and has written something.
  static pid_t wait_for_dump(const test::RunningCommand& backup, const test::TcpProxy& proxy) {
    pid_t dump = 0;
    EXPECT_TRUE(test::wait_until([&] {
      dump = test::child_named(backup.pid(), "pg_dump");
      return dump != 0 && proxy.bytes_to_clients() > 1'500'000;
    })) << backup.error_so_far();
    return dump;
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* keys_dir_ = nullptr;
  static inline test::KeyPair keys_;
  FakeS3 s3_;
  test::TcpProxy proxy_{"127.0.0.1", server_->port()};
};

TEST_F(BackupFaults, WithoutAnyAllIsPublished) {
  const auto result = test::pgseal({"backup"}, variables());
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(s3_.objects().size(), 3u);
  EXPECT_TRUE(s3_.open_uploads().empty());
}

TEST_F(BackupFaults, PgDumpKilledHalfWay) {
  test::RunningCommand backup(
      test::pgseal_command({"backup"}),
      test::pgseal_environment(slow({{"POSTGRES_PORT", std::to_string(proxy_.port())}})));
  ASSERT_EQ(::kill(wait_for_dump(backup, proxy_), SIGKILL), 0);
  expect_failure(backup.join(), 4, "pg_dump failed with signal 9");
}

TEST_F(BackupFaults, ConnectionCutWhileDumping) {
  proxy_.cut_after_bytes(2'000'000);
  const auto result =
      test::pgseal({"backup"}, variables({{"POSTGRES_PORT", std::to_string(proxy_.port())}}));
  expect_failure(result, 4, "pg_dump failed with exit code 1: pg_dump: error: ");
}

TEST_F(BackupFaults, ServerKilledHalfWay) {
  test::PostgresServer mortal;
  mortal.create_database("app");
  // More than the sockets on the way can hold: what they hold is dumped without the server.
  mortal.psql("app",
              "CREATE TABLE noise AS SELECT g, repeat(md5(random()::text), 10) "
              "FROM generate_series(1, 200000) g");
  const test::TcpProxy proxy("127.0.0.1", mortal.port());
  test::RunningCommand backup(
      test::pgseal_command({"backup"}),
      test::pgseal_environment(slow({{"POSTGRES_PORT", std::to_string(proxy.port())}})));
  wait_for_dump(backup, proxy);
  mortal.kill_hard();
  expect_failure(backup.join(), 4, "pg_dump: error: ");
}

TEST_F(BackupFaults, WrongPassword) {
  const test::PostgresServer guarded({.auth = test::PostgresServer::Auth::scram});
  guarded.psql("postgres", "ALTER USER postgres PASSWORD 'right'");
  const auto result = test::pgseal(
      {"backup"},
      variables({{"POSTGRES_PORT", std::to_string(guarded.port())}, {"PGPASSWORD", "wr0ngw0rd"}}));
  expect_failure(result, 4, "password authentication failed for user \"postgres\"");
  EXPECT_THAT(result.err, testing::Not(HasSubstr("wr0ngw0rd")));
}

TEST_F(BackupFaults, UnknownDatabase) {
  const auto result = test::pgseal({"backup"}, variables({{"POSTGRES_DATABASE", "nowhere"}}));
  expect_failure(result, 4, "database \"nowhere\" does not exist");
}

TEST_F(BackupFaults, UnreachableServer) {
  proxy_.refuse();
  const auto result =
      test::pgseal({"backup"}, variables({{"POSTGRES_PORT", std::to_string(proxy_.port())}}));
  expect_failure(result, 4, "cannot connect to \"app\"");
}

TEST_F(BackupFaults, ServerNewerThanEveryPgDump) {
  // No server of tomorrow can be had: one of today says that it is.
  const std::string major = std::to_string(server_->version());
  proxy_.replace_to_clients("server_version" + std::string(1, '\0') + major + ".",
                            "server_version" + std::string(1, '\0') + "99.");
  const auto result =
      test::pgseal({"backup"}, variables({{"POSTGRES_PORT", std::to_string(proxy_.port())}}));
  expect_failure(result, 4, "every pg_dump installed is older");
  EXPECT_THAT(result.err, HasSubstr("hint: apt-get install postgresql-client-99"));
}

TEST_F(BackupFaults, BucketMissing) {
  const auto result = test::pgseal({"backup"}, variables({{"S3_BUCKET", "elsewhere"}}));
  expect_failure(result, 5, "NoSuchBucket");
}

TEST_F(BackupFaults, CredentialsMissing) {
  const auto result = test::pgseal(
      {"backup"}, variables({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}));
  expect_failure(result, 5, "AWS_ACCESS_KEY_ID");
}

TEST_F(BackupFaults, StoreDirectoryMissing) {
  const auto result = test::pgseal(
      {"backup", "--format", "classic", "--store", "file:///no/such/directory"}, variables());
  expect_failure(result, 5, "no such directory");
}

TEST_F(BackupFaults, StoreDirectoryFull) {
  PGSEAL_SKIP_BECAUSE(::geteuid() == 0 ? "" : "mounting a small tmpfs needs root");
  const test::TempDir dir;
  ASSERT_EQ(::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=1m"), 0);
  const auto result = test::pgseal(
      {"backup", "--format", "classic", "--store", "file://" + dir.path()}, variables());
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    left.push_back(entry.path().string());
  }
  EXPECT_EQ(::umount(dir.path().c_str()), 0);
  expect_failure(result, 5, "No space left on device");
  EXPECT_THAT(left, testing::IsEmpty());
}

TEST_F(BackupFaults, PublicKeyIsAPrivateKey) {
  const auto result =
      test::pgseal({"backup"}, variables({{"OPENSSL_PUBLIC_KEY", keys_.private_pem}}));
  expect_failure(result, 6, "it is a private key");
  EXPECT_TRUE(s3_.requests().empty());
}

TEST_F(BackupFaults, PublicKeyIsTooShort) {
  const test::TempDir dir;
  const test::KeyPair pair = test::make_key_pair(dir.path(), "", 1024);
  const auto result =
      test::pgseal({"backup"}, variables({{"OPENSSL_PUBLIC_KEY", pair.public_pem}}));
  expect_failure(result, 6, "1024 bits are too short");
  EXPECT_TRUE(s3_.requests().empty());
}

TEST_F(BackupFaults, PublicKeyIsGarbage) {
  const auto result = test::pgseal(
      {"backup"},
      variables({{"OPENSSL_PUBLIC_KEY",
                  "-----BEGIN PUBLIC KEY-----\\nZ2FyYmFnZQ==\\n-----END PUBLIC KEY-----"}}));
  expect_failure(result, 6, "not a public key in PEM");
  EXPECT_TRUE(s3_.requests().empty());
}

/// A fake S3 that fails where the test says.
class BackupS3Faults : public BackupFaults {
 protected:
  void on(const std::string& operation, const test::HttpReply& reply) {
    s3_.set_fault([operation, reply](const HttpRequest& request) -> std::optional<test::HttpReply> {
      if (test::s3_operation(request) != operation) return std::nullopt;
      return reply;
    });
  }
};

TEST_F(BackupS3Faults, AccessDenied) {
  on("CreateMultipartUpload", FakeS3::error(403, "AccessDenied", "Access Denied"));
  expect_failure(test::pgseal({"backup"}, variables()), 5, "AccessDenied");
}

TEST_F(BackupS3Faults, UploadCutAlways) {
  test::HttpReply cut;
  cut.drop = cut.reset = true;
  on("UploadPart", cut);
  expect_failure(test::pgseal({"backup"}, variables()), 5, "cannot put");
}

TEST_F(BackupS3Faults, TheLastPartAlwaysAnsweredWith500) {
  // The data is some 10 MB: two parts.
  s3_.set_fault([](const HttpRequest& request) -> std::optional<test::HttpReply> {
    if (test::s3_operation(request) != "UploadPart" || request.query.at("partNumber") != "2") {
      return std::nullopt;
    }
    return FakeS3::error(500, "InternalError");
  });
  expect_failure(test::pgseal({"backup"}, variables()), 5, "InternalError");
}

TEST_F(BackupS3Faults, CompleteAnsweredWith200AndAnError) {
  on("CompleteMultipartUpload", FakeS3::error(200, "InternalError"));
  expect_failure(test::pgseal({"backup"}, variables()), 5, "InternalError");
}

TEST_F(BackupS3Faults, ManifestRefused) {
  // Data and key were published, the commit was not: they are taken back.
  on("PutObject", FakeS3::error(403, "AccessDenied", "Access Denied"));
  expect_failure(test::pgseal({"backup"}, variables()), 5, "AccessDenied");
}

TEST_F(BackupS3Faults, ManifestRefusedAndNothingMayBeTakenBack) {
  s3_.set_fault([](const HttpRequest& request) -> std::optional<test::HttpReply> {
    const std::string operation = test::s3_operation(request);
    if (operation != "PutObject" && operation != "DeleteObject") return std::nullopt;
    return FakeS3::error(403, "AccessDenied", "Access Denied");
  });
  const auto result = test::pgseal({"backup"}, variables());
  EXPECT_EQ(result.exit_code, 5) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("may be in the store; remove it by hand"));
  EXPECT_EQ(s3_.objects().size(), 2u);
  const auto listing = test::pgseal({"list", "--json"}, variables());
  EXPECT_EQ(listing.out, "[]\n") << listing.describe();
}

}  // namespace
}  // namespace pgseal
