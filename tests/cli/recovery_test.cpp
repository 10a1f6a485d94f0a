// Archive backups come back by the own commands of doc/recovery.md, without pgseal, of
// doc/operating.md, on an empty server, and of doc/migrating.md, with the classic pair of keys.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "support/age_program.h"
#include "support/documented_commands.h"
#include "support/pgseal_program.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

/// Each test has a directory of its own with one signed backup of the database "sample": its keys,
/// the store, and the objects alone in `backup`.
class Recovery : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer;
    made_ = new test::TempDir;
    test::load_sample(*server_, "sample");
    test::run_ok({"mkdir", *made_ / "store"});
    ASSERT_TRUE(test::pgseal({"keygen", "-o", *made_ / "key.txt"}).ok());
    ASSERT_TRUE(test::pgseal({"keygen", "--signing", "-o", *made_ / "signer"}).ok());
    const auto backup = test::pgseal(
        {"backup", "--dbname", server_->conninfo("sample"), "--recipient",
         test::recipient_of(*made_ / "key.txt"), "--signing-key", *made_ / "signer", "--store",
         "file://" + (*made_ / "store"), "--chunk-size=64k", "--bundle-size=128k"});
    ASSERT_TRUE(backup.ok()) << backup.describe();
    test::run_ok({"sh", "-c", "cp -a \"$0\"/store/sample/* \"$0\"/backup", made_->path()});
  }
  static void TearDownTestSuite() {
    delete made_;
    delete server_;
  }
  void SetUp() override { test::run_ok({"cp", "-a", made_->path() + "/.", dir_.path()}); }

  /// What blocks of pages see: programs, the server, and `variables`.
  test::CommandOptions options(const test::Variables& variables) const {
    test::CommandOptions options = test::pgseal_environment(variables);
    options.directory = dir_.path();
    const std::string pgseal_dir = std::filesystem::path(PGSEAL_PROGRAM).parent_path();
    options.environment.insert(
        {{"PGHOST", server_->socket_dir()},
         {"PGPORT", std::to_string(server_->port())},
         {"PGUSER", "postgres"},
         {"PATH", pgseal_dir + ":" + server_->bin_dir() + ":" + std::getenv("PATH")}});
    return options;
  }
  /// What the block `name` of `page` does in the directory.
  test::CommandResult run_block(const std::string& name,
                                const std::string& page = "doc/recovery.md",
                                const test::Variables& variables = {}) const {
    return test::sh(test::documented_commands(page, name), options(variables));
  }
  void expect_ok(const std::string& name, const std::string& page = "doc/recovery.md",
                 const test::Variables& variables = {}) const {
    const auto result = run_block(name, page, variables);
    ASSERT_TRUE(result.ok()) << name << ": " << result.describe();
  }
  [[nodiscard]] Json manifest() const {
    return Json::parse(test::read_text(dir_ / "backup/manifest.json"));
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* made_ = nullptr;
  const test::TempDir dir_;
};

TEST_F(Recovery, ThePagesCommandsRestoreTheDatabase) {
  expect_ok("prove");
  expect_ok("unpack");
  expect_ok("decompress");
  expect_ok("restore");
  test::expect_same_database(*server_, "sample", *server_, "shop");
  const auto catalog = run_block("catalog");
  ASSERT_TRUE(catalog.ok()) << catalog.describe();
  EXPECT_FALSE(Json::parse(catalog.out).at("tables").empty());
  EXPECT_THAT(test::read_text(dir_ / "globals.sql"), testing::HasSubstr("ROLE"));
}

TEST_F(Recovery, ThePagesProofFailsWhereAByteWasChanged) {
  test::run_ok({"sh", "-c",
                "cd \"$0\"/backup/data && printf x | dd of=000001.tar.age bs=1 seek=300 "
                "conv=notrunc status=none",
                dir_.path()});
  EXPECT_FALSE(run_block("prove").ok());
}

// All steps but the first, which needs a network: tools/check-package runs that.
TEST_F(Recovery, TheStepsForAnEmergencyRestoreOnAnEmptyServer) {
  const test::PostgresServer target;
  const test::TempDir medium;
  test::run_ok({"cp", dir_ / "key.txt", medium / "identity.txt"});
  test::run_ok({"cp", dir_ / "signer.pub", medium / "signing.key.pub"});
  const test::Variables variables{
      {"SERVER", "host=127.0.0.1 user=postgres port=" + std::to_string(target.port())},
      {"STORE", "file://" + (dir_ / "store")},
      {"DATABASE", "sample"},
      {"MEDIUM", medium.path()}};
  for (const char* step :
       {"keys", "list", "verify", "show", "server", "create", "dry-run", "restore", "compare"}) {
    expect_ok(step, "doc/operating.md", variables);
  }
  test::expect_same_database(*server_, "sample", target, "sample");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "identity.txt"));
}

TEST_F(Recovery, ThePageTellsWhenTheNewestBackupWasBegun) {
  const auto newest = run_block("newest", "doc/operating.md",
                                {{"STORE", "file://" + (dir_ / "store")}, {"DATABASE", "sample"}});
  EXPECT_EQ(newest.out, manifest().at("started").get<std::string>() + "\n") << newest.describe();
}

TEST_F(Recovery, TheClassicPairOfKeysOpensArchives) {
  const std::string passphrase = "correct horse";
  (void)test::make_key_pair(dir_.path(), passphrase);
  test::run_ok({"mkdir", dir_ / "new"});
  server_->create_database("copy");
  const auto run_on_terminal = [&](const std::string& block) {
    return test::at_a_terminal(test::documented_commands("doc/migrating.md", block), passphrase,
                               options({{"DATABASE", server_->conninfo("sample")},
                                        {"STORE", "file://" + (dir_ / "new")},
                                        {"TARGET", server_->conninfo("copy")}}));
  };
  const auto restored = run_on_terminal("archive-with-the-same-keys");
  ASSERT_TRUE(restored.ok()) << restored.describe();
  EXPECT_THAT(restored.out, testing::HasSubstr("pass phrase for private_key.pem"));
  test::expect_same_database(*server_, "sample", *server_, "copy");

  test::run_ok({"sh", "-c", "cp \"$0\"/new/sample/*/toc.tar.age \"$0\"", dir_.path()});
  const auto refused =
      test::run({"age", "--decrypt", "-i", dir_ / "private_key.pem", dir_ / "toc.tar.age"});
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(refused.err, testing::HasSubstr("ENCRYPTED PRIVATE KEY"));
  const auto opened = run_on_terminal("open-the-pem");
  ASSERT_TRUE(opened.ok()) << opened.describe();
  test::run_ok({"tar", "--list", "--file", dir_ / "toc.tar"});
  EXPECT_FALSE(std::filesystem::exists(dir_ / "opened.pem"));
}

}  // namespace
}  // namespace pgseal
