// SIGKILL at random moments, by the hundred: a listing never shows a backup that does not restore.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "base/json.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/sample_database.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

TEST(Kill, AtRandomMomentsLeavesOnlyWholeBackups) {
  constexpr int kRounds = 300;
  test::PostgresServer server;
  test::load_sample(server, "shop");
  server.psql("shop",
              "CREATE TABLE more AS SELECT md5(random()::text) FROM generate_series(1, 50000)");
  const std::string wanted = test::fingerprint(server, "shop");
  const test::TempDir dir;
  const test::TempDir store;
  const test::KeyPair keys = test::make_key_pair(dir.path());
  const std::vector<std::string> backup{"backup",
                                        "--format",
                                        "classic",
                                        "--dbname",
                                        server.conninfo("shop"),
                                        "--public-key",
                                        keys.public_pem,
                                        "--store",
                                        "file://" + store.path()};

  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(test::pgseal(backup).ok());
  const auto whole = std::chrono::steady_clock::now() - begin;

  std::mt19937 random(std::random_device{}());
  int killed = 0, finished = 0;
  for (int round = 0; round < kRounds; ++round) {
    test::RunningCommand running(test::pgseal_command(backup), test::pgseal_environment({}));
    // The moment is what is tested, so time has to pass; nothing waits for anything here.
    std::this_thread::sleep_for(whole * (random() % 1200) / 1000);
    running.send_signal(SIGKILL);
    const auto result = running.join();
    (result.signal == SIGKILL ? killed : finished) += 1;
    EXPECT_TRUE(result.signal == SIGKILL || result.exit_code == 0 ||
                result.err.find("exists") != std::string::npos)
        << result.describe();
  }

  const auto listing = test::pgseal({"list", "--json", "--store", "file://" + store.path()});
  ASSERT_TRUE(listing.ok()) << listing.describe();
  const Json backups = Json::parse(listing.out);
  for (const Json& entry : backups) {
    server.create_database("target");
    const auto restore = test::pgseal({"restore", entry.at("backup").get<std::string>(), "--store",
                                       "file://" + store.path(), "--identity", keys.private_pem,
                                       "--to", server.conninfo("target")});
    EXPECT_TRUE(restore.ok()) << restore.describe();
    EXPECT_EQ(test::fingerprint(server, "target"), wanted);
    server.psql("postgres", "DROP DATABASE target WITH (FORCE)");
  }
  EXPECT_GT(killed, kRounds / 4);
  EXPECT_GE(backups.size(), 1u);
  std::cout << kRounds << " backups, " << killed << " killed, " << finished << " finished first, "
            << backups.size() << " listed, all of which restored\n";
}

}  // namespace
}  // namespace pgseal
