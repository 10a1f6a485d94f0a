// Locks, lost connections and other servers: what an archive backup meets while it copies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "support/archive_case.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

using testing::HasSubstr;

class ArchiveLocks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("busy");
    server_->psql("busy", R"(
      CREATE TABLE big (id bigint PRIMARY KEY, text text);
      INSERT INTO big SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 60000) i;
      CREATE TABLE small AS SELECT id FROM big LIMIT 1000;)");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  /// Slow enough that something can be done to it, some three seconds; the large table is one COPY,
  /// too long for the buffers between server and client.
  engine::ArchiveBackupOptions slow_options() {
    auto options = case_.options(server_->conninfo("busy"));
    options.shape.jobs = 1;
    options.shape.segment_size = kGiB;
    options.rate_limit = 5 * kMiB;
    return options;
  }

  /// A backup that runs until its end in a thread of its own.
  std::future<engine::ArchiveBackupReport> start(engine::ArchiveBackupOptions options) {
    return std::async(std::launch::async, [this, options = std::move(options)] {
      return engine::backup_archive(options, case_.store(), system_clock(), progress_, {});
    });
  }
  [[nodiscard]] bool wait_for_rows() {
    return test::wait_until([&] { return progress_.totals.dumped > 0; });
  }

  void expect_whole(const std::string& name) {
    test::stock_restore(*server_, case_.export_to(case_.directory() / "out", name), "copy");
    EXPECT_EQ(server_->psql("copy", "SELECT count(*), sum(id), sum(length(text)) FROM big"),
              server_->psql("busy", "SELECT count(*), sum(id), sum(length(text)) FROM big"));
    server_->psql("postgres", "DROP DATABASE copy");
  }

  static test::PostgresServer* server_;
  test::ArchiveCase case_;
  engine::ArchiveProgress progress_;
};

test::PostgresServer* ArchiveLocks::server_ = nullptr;

TEST_F(ArchiveLocks, ATableThatSomebodyWaitsForIsCopiedOnTheCoordinatorsConnection) {
  auto backup = start(slow_options());
  ASSERT_TRUE(wait_for_rows());
  test::RunningCommand alter({server_->bin_dir() + "/psql", "-Xd", server_->conninfo("busy"), "-c",
                              "ALTER TABLE small ADD COLUMN more int"});
  ASSERT_TRUE(test::wait_until([&] {
    return server_->psql("busy", "SELECT count(*) FROM pg_locks WHERE NOT granted") == "1";
  }));
  const auto report = backup.get();
  EXPECT_EQ(report.locks_refused, 1u);
  EXPECT_TRUE(alter.join().ok());
  server_->psql("busy", "ALTER TABLE small DROP COLUMN more");
  expect_whole(report.name);
}

TEST_F(ArchiveLocks, ALostConnectionIsMadeAgainUnderTheSameSnapshot) {
  auto backup = start(slow_options());
  ASSERT_TRUE(wait_for_rows());
  ASSERT_TRUE(test::wait_until([&] {
    return server_->psql(
               "busy",
               "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE "
               "application_name = 'pgseal' AND query LIKE '%COPY %' AND state = 'active'") == "t";
  }));
  const auto report = backup.get();
  EXPECT_GT(report.reconnects, 0u);
  expect_whole(report.name);
}

TEST_F(ArchiveLocks, WithoutTheCoordinatorThereIsNoBackup) {
  auto backup = start(slow_options());
  ASSERT_TRUE(wait_for_rows());
  server_->psql("busy",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                "'pgseal' AND state = 'idle in transaction' ORDER BY backend_start LIMIT 1");
  const Error error = case_.failure_of([&] { return backup.get(); });
  EXPECT_THAT(error.message(), HasSubstr("snapshot"));
}

TEST_F(ArchiveLocks, WhoHoldsALockForLongIsNamed) {
  test::RunningCommand holder({server_->bin_dir() + "/psql", "-Xd", server_->conninfo("busy")},
                              {.input = "BEGIN; LOCK TABLE big IN ACCESS EXCLUSIVE MODE; "
                                        "SELECT pg_sleep(600) /* maintenance */;"});
  ASSERT_TRUE(test::wait_until([&] {
    return server_->psql("busy",
                         "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                         "'%maintenance%' AND wait_event = 'PgSleep'") == "1";
  }));
  auto options = case_.options(server_->conninfo("busy"));
  options.pg_dump = postgres::parse_pg_dump_options({"--lock-wait-timeout=50"});
  const Error error = case_.failure_of([&] { return case_.backup(options); });
  EXPECT_THAT(error.message(), HasSubstr("cannot lock the tables in 5 attempts"));
  EXPECT_THAT(error.message(), HasSubstr("table public.big: process "));
  EXPECT_THAT(error.message(), HasSubstr(", psql, active) holds AccessExclusiveLock"));
  // Another's statement may hold secrets.
  EXPECT_THAT(error.message(), Not(HasSubstr("maintenance")));
  server_->psql("busy",
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = "
                "'big'::regclass");
}

TEST_F(ArchiveLocks, TheServersTimeOutsDoNotEndABackup) {
  server_->psql("busy",
                "ALTER DATABASE busy SET statement_timeout = '300ms'; "
                "ALTER DATABASE busy SET idle_in_transaction_session_timeout = '300ms'; "
                "ALTER DATABASE busy SET lock_timeout = '300ms'; "
                "ALTER DATABASE busy SET DateStyle = 'German'; "
                "ALTER DATABASE busy SET extra_float_digits = -5");
  const auto report = start(slow_options()).get();
  server_->psql("busy", "SET statement_timeout = 0; ALTER DATABASE busy RESET ALL");
  expect_whole(report.name);
}

}  // namespace
}  // namespace pgseal
