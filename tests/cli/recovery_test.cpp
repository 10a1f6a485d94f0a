// doc/recovery.md: an archive backup comes back without pgseal, by the page's own commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/age_program.h"
#include "support/documented_commands.h"
#include "support/pgseal_program.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

class Recovery : public testing::Test {
 protected:
  void SetUp() override {
    test::load_sample(server_, "sample");
    test::run_ok({"mkdir", dir_ / "store"});
    ASSERT_TRUE(test::pgseal({"keygen", "-o", dir_ / "key.txt"}).ok());
    ASSERT_TRUE(test::pgseal({"keygen", "--signing", "-o", dir_ / "signer"}).ok());
    const auto backup = test::pgseal(
        {"backup", "--dbname", server_.conninfo("sample"), "--recipient",
         test::recipient_of(dir_ / "key.txt"), "--signing-key", dir_ / "signer", "--store",
         "file://" + (dir_ / "store"), "--chunk-size=64k", "--bundle-size=128k"});
    ASSERT_TRUE(backup.ok()) << backup.describe();
    test::run_ok({"sh", "-c", "mv \"$0\"/store/sample/* \"$0\"/backup", dir_.path()});
  }

  /// What the page's block `name` does in the directory.
  test::CommandResult run_block(const std::string& name) {
    test::CommandOptions options;
    options.directory = dir_.path();
    options.environment = {{"PGHOST", server_.socket_dir()},
                           {"PGPORT", std::to_string(server_.port())},
                           {"PGUSER", "postgres"},
                           {"PATH", server_.bin_dir() + ":" + std::getenv("PATH")}};
    return test::sh(test::documented_commands("doc/recovery.md", name), options);
  }
  void expect_ok(const std::string& name) {
    const auto result = run_block(name);
    ASSERT_TRUE(result.ok()) << name << ": " << result.describe();
  }

  test::PostgresServer server_;
  test::TempDir dir_;
};

TEST_F(Recovery, ThePagesCommandsRestoreTheDatabase) {
  expect_ok("prove");
  expect_ok("unpack");
  expect_ok("decompress");
  expect_ok("restore");
  test::expect_same_database(server_, "sample", server_, "shop");
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

}  // namespace
}  // namespace pgseal
