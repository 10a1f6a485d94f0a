// SIGKILL at random moments of archive backups: a listing never shows one that does not restore,
// and nothing is left on this machine.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "base/json.h"
#include "support/age_program.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/sample_database.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;

TEST(Kill, ArchiveBackupsAtRandomMomentsLeaveOnlyWholeOnes) {
  constexpr int kRounds = 100;
  test::PostgresServer server;
  test::load_sample(server, "shop");
  server.psql("shop",
              "CREATE TABLE more AS SELECT md5(random()::text) FROM generate_series(1, 200000)");
  const std::string wanted = test::fingerprint(server, "shop");
  const test::TempDir dir, store, temporary;
  const std::string identity = dir / "key.txt", signing = dir / "sign.key";
  ASSERT_TRUE(test::pgseal({"keygen", "-o", identity}).ok());
  ASSERT_TRUE(test::pgseal({"keygen", "--signing", "-o", signing}).ok());
  const std::vector<std::string> backup{"backup",
                                        "--dbname",
                                        server.conninfo("shop"),
                                        "--recipient",
                                        test::recipient_of(identity),
                                        "--signing-key",
                                        signing,
                                        "--store",
                                        "file://" + store.path(),
                                        "--chunk-size=64k",
                                        "--bundle-size=256k",
                                        "--segment-size=1M"};
  const test::Variables variables{{"TMPDIR", temporary.path()}};

  const auto begin = std::chrono::steady_clock::now();
  const auto first = test::pgseal(backup, variables);
  ASSERT_TRUE(first.ok()) << first.describe();
  const auto whole = std::chrono::steady_clock::now() - begin;

  std::mt19937 random(std::random_device{}());
  int killed = 0;
  for (int round = 0; round < kRounds; ++round) {
    test::RunningCommand running(test::pgseal_command(backup), test::pgseal_environment(variables));
    // The moment is what is tested, so time has to pass; nothing waits for anything here.
    std::this_thread::sleep_for(whole * (random() % 1100) / 1000);
    running.send_signal(SIGKILL);
    const auto result = running.join();
    killed += result.signal == SIGKILL ? 1 : 0;
    EXPECT_TRUE(result.signal == SIGKILL || result.exit_code == 0) << result.describe();
  }
  EXPECT_TRUE(fs::is_empty(temporary.path())) << "a killed backup left a temporary file";
  EXPECT_TRUE(test::wait_until([&] {
    return server.psql("shop",
                       "SELECT count(*) FROM pg_stat_activity WHERE application_name IN "
                       "('pgseal', 'pg_dump')") == "0";
  })) << "a killed backup left a session on the server";

  const auto listing = test::pgseal({"list", "--json", "--store", "file://" + store.path()});
  ASSERT_TRUE(listing.ok()) << listing.describe();
  const Json backups = Json::parse(listing.out);
  for (const Json& entry : backups) {
    const std::string out = dir / "out";
    const auto exported = test::pgseal({"export", entry.at("backup").get<std::string>(), out,
                                        "--store", "file://" + store.path(), "--identity", identity,
                                        "--signer", signing + ".pub"});
    ASSERT_TRUE(exported.ok()) << exported.describe();
    server.create_database("target");
    test::run_ok({server.bin_dir() + "/pg_restore", "--exit-on-error", "--dbname",
                  server.conninfo("target"), out});
    EXPECT_EQ(test::fingerprint(server, "target"), wanted);
    server.psql("postgres", "DROP DATABASE target WITH (FORCE)");
    fs::remove_all(out);
  }
  EXPECT_GT(killed, kRounds / 4);
  EXPECT_GE(backups.size(), static_cast<std::size_t>(kRounds - killed + 1));
  std::cout << kRounds << " archive backups, " << killed << " killed, " << backups.size()
            << " listed, all of which restored\n";
}

}  // namespace
}  // namespace pgseal
