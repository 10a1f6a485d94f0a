// tools/demo, as `make demo` runs it: that it succeeds, notices what differs, and cleans up.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <regex>

#include "support/command.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDemo = PGSEAL_SOURCE_DIR "/tools/demo";

class Demo : public ::testing::Test {
 protected:
  void SetUp() override {
    if (installed_postgres_versions().empty()) PGSEAL_SKIP_BECAUSE("no PostgreSQL is installed");
    for (const char* program : {"openssl", "setpriv", "pgrep"}) {
      if (!have_program(program)) PGSEAL_SKIP_BECAUSE(std::string(program) + " is not installed");
    }
    std::filesystem::create_directory(temporary());
    std::filesystem::permissions(temporary(), std::filesystem::perms::all);
  }

  [[nodiscard]] std::vector<std::string> command() const { return {kDemo, directory_ / "kept"}; }

  [[nodiscard]] CommandOptions options(const std::string& program = PGSEAL_PROGRAM) const {
    CommandOptions options;
    options.environment = {{"PGSEAL", program},
                           {"TMPDIR", temporary()},
                           {"REGION", "eu-west-1"},  // ... of somebody's real database
                           {"PGHOST", "db.example.com"},
                           {"POSTGRES_HOST", "db.example.com"}};
    options.death_signal = SIGTERM;  // so that it can remove what it made
    return options;
  }

  [[nodiscard]] std::string temporary() const { return directory_ / "tmp"; }
  [[nodiscard]] bool a_process_is_left() const { return run({"pgrep", "-f", temporary()}).ok(); }
  [[nodiscard]] bool a_file_is_left() const { return !std::filesystem::is_empty(temporary()); }

  /// Waits until the demo has come to its backup.
  static void wait_for_backup(const RunningCommand& demo) {
    ASSERT_TRUE(wait_until(
        [&] { return demo.output_so_far().find("$ pgseal backup") != std::string::npos; },
        std::chrono::minutes(2)))
        << demo.output_so_far() << demo.error_so_far();
  }

  TempDir directory_;
};

TEST_F(Demo, RestoresTheWholeShop) {
  const CommandResult result = run(command(), options());
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, Not(HasSubstr("DIFFERENT")));
  for (const std::string line :
       {"table +customers +5000 +5000 ", "table +order_items +50000 +50000 ",
        "table +events +15000 +15000 ", "view +turnover +25 +25 ",
        "sequence +receipt_number +1 +1 ", "large object +700001 +1 +1 ",
        "schema +all definitions +"}) {
    EXPECT_TRUE(std::regex_search(result.out, std::regex(line + " *[0-9a-f]{8}  ok\n")))
        << line << "\n"
        << result.out;
  }
  EXPECT_THAT(result.out, HasSubstr("$ pgseal restore latest"));
  EXPECT_THAT(result.out, HasSubstr("$ pgseal drill latest"));
  EXPECT_THAT(result.out, HasSubstr("Next, your own database"));
  for (const char* file :
       {"keys/identity.txt", "keys/private_key.pem", "store/shop", "drill.html"}) {
    EXPECT_TRUE(std::filesystem::exists(directory_ / (std::string("kept/") + file))) << file;
  }
  EXPECT_FALSE(a_process_is_left());
  EXPECT_FALSE(a_file_is_left());
}

TEST_F(Demo, FailsWhereARowChanged) {
  const std::string careless = directory_ / "careless";
  write_text(careless,
             "#!/bin/sh\n" PGSEAL_PROGRAM
             " \"$@\" || exit\n"
             "test \"$1\" != restore || psql -Xqc 'UPDATE categories SET name = upper(name)"
             " WHERE id = 8' shop_restored\n");
  std::filesystem::permissions(careless, std::filesystem::perms::owner_all);
  const CommandResult result = run(command(), options(careless));
  EXPECT_EQ(result.exit_code, 1) << result.describe();
  EXPECT_TRUE(std::regex_search(result.out, std::regex("table +categories .* DIFFERENT\n")));
  EXPECT_TRUE(std::regex_search(result.out, std::regex("table +customers .* ok\n")));
  EXPECT_THAT(result.out, Not(HasSubstr("Next, your own database")));
  EXPECT_FALSE(a_process_is_left());
  EXPECT_FALSE(a_file_is_left());
}

TEST_F(Demo, RemovesItsServerWhenInterrupted) {
  RunningCommand demo(command(), options());
  wait_for_backup(demo);
  ::kill(-demo.pid(), SIGINT);  // to all of them, as Ctrl-C does it
  EXPECT_EQ(demo.join().exit_code, 130);
  EXPECT_FALSE(a_process_is_left());
  EXPECT_FALSE(a_file_is_left());
}

TEST_F(Demo, LeavesNoServerWhenKilled) {
  RunningCommand demo(command(), options());
  wait_for_backup(demo);
  demo.send_signal(SIGKILL);
  EXPECT_EQ(demo.join().signal, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !a_process_is_left(); }));
}

TEST_F(Demo, TouchesNoDirectoryThatIsNotEmpty) {
  std::filesystem::create_directory(directory_ / "kept");
  write_text(directory_ / "kept/keys", "mine");
  const CommandResult result = run(command(), options());
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("is not empty"));
  EXPECT_EQ(read_text(directory_ / "kept/keys"), "mine");
}

}  // namespace
}  // namespace pgseal::test
