// Servers that are not what they seem to be: poolers, and replicas that cancel queries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/format.h"
#include "support/archive_case.h"
#include "support/loopback.h"
#include "support/requirement.h"
#include "support/server_user.h"

namespace pgseal {
namespace {

using testing::HasSubstr;

/// PgBouncer before a server, without passwords.
class Pooler final {
 public:
  Pooler(const test::PostgresServer& server, const std::string& mode) {
    const std::string config = directory_ / "pgbouncer.ini";
    test::write_text(config, format("[databases]\n* = host={} port={} user=postgres\n"
                                    "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\n"
                                    "unix_socket_dir =\nauth_type = any\npool_mode = {}\n"
                                    "ignore_startup_parameters = extra_float_digits,options\n",
                                    server.socket_dir(), server.port(), port_, mode));
    test::give_to_server_user(directory_.path());
    test::give_to_server_user(config);
    test::CommandOptions options;
    options.in_child = test::become_server_user;
    process_ = std::make_unique<test::RunningCommand>(std::vector<std::string>{"pgbouncer", config},
                                                      options);
    if (!process_->wait_for_error_text("process up")) {
      throw std::runtime_error("pgbouncer did not start: " + process_->error_so_far());
    }
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  test::TempDir directory_;
  int port_ = test::free_port();
  std::unique_ptr<test::RunningCommand> process_;
};

class ArchiveBehindAPooler : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(PgBouncer, ArchiveBehindAPooler, testing::Values("transaction", "session"),
                         [](const auto& mode) { return std::string(mode.param); });

TEST_P(ArchiveBehindAPooler, IsRefused) {
  PGSEAL_SKIP_BECAUSE(test::have_program("pgbouncer") ? "" : "pgbouncer is not installed");
  const test::PostgresServer server;
  const Pooler pooler(server, GetParam());
  test::ArchiveCase backups;
  const auto options = backups.options(format(
      "host=127.0.0.1 port={} user=postgres dbname=postgres sslmode=disable", pooler.port()));
  const Error error = backups.failure_of([&] { return backups.backup(options); });
  EXPECT_THAT(error.message(), HasSubstr("cannot dump through a connection pooler"));
  EXPECT_THAT(error.hint(), HasSubstr("connect to the server itself"));
}

/// A primary with a table of some 20 MB, and a standby of it that never waits for queries.
class ArchiveOfAReplica : public testing::Test {
 protected:
  ArchiveOfAReplica() {
    primary_.create_database("app");
    primary_.psql("app", R"(
      CREATE TABLE big (id bigint PRIMARY KEY, text text) WITH (autovacuum_enabled = off);
      INSERT INTO big SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 60000) i;)");
    const std::string end = primary_.psql("app", "SELECT pg_current_wal_insert_lsn()");
    caught_up_ = test::wait_until([&] {
      return replica_.psql("postgres", format("SELECT pg_last_wal_replay_lsn() >= '{}'", end)) ==
             "t";
    });
  }

  static test::PostgresServer::Options replication(const test::PostgresServer* primary) {
    return {
        .config = {"wal_level = replica", "max_wal_senders = 4", "max_standby_streaming_delay = 0"},
        .hba = {"local replication all trust"},
        .primary = primary};
  }

  test::PostgresServer primary_{replication(nullptr)};
  test::PostgresServer replica_{replication(&primary_)};
  bool caught_up_ = false;
  test::ArchiveCase case_;
};

TEST_F(ArchiveOfAReplica, IsWholeWhereNothingIsCancelled) {
  ASSERT_TRUE(caught_up_);
  const auto report = case_.backup(replica_, "app");
  test::stock_restore(primary_, case_.export_to(case_.directory() / "out", report.name), "copy");
  constexpr const char* kSum = "SELECT count(*), sum(id), sum(length(text)) FROM big";
  EXPECT_EQ(primary_.psql("copy", kSum), primary_.psql("app", kSum));
}

TEST_F(ArchiveOfAReplica, NamesTheParameterToSetWhereAQueryIsCancelled) {
  ASSERT_TRUE(caught_up_);
  auto options = case_.options(replica_.conninfo("app"));
  options.shape.jobs = 1;
  options.shape.segment_size = kGiB;
  options.rate_limit = 4 * kMiB;
  engine::ArchiveProgress progress;
  auto backup = std::async(std::launch::async, [&] {
    return engine::backup_archive(options, case_.store(), system_clock(), progress, {});
  });
  ASSERT_TRUE(test::wait_until([&] { return progress.totals.dumped > 0; }));
  primary_.psql("app", "DELETE FROM big WHERE id % 2 = 0; VACUUM big;");
  const Error error = case_.failure_of([&] { return backup.get(); });
  EXPECT_THAT(error.message(), HasSubstr("conflict with recovery"));
  EXPECT_THAT(error.hint(), HasSubstr("max_standby_streaming_delay"));
}

}  // namespace
}  // namespace pgseal
