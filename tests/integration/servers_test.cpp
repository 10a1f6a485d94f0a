// Servers that are not as one expects: poolers, several behind one name, replicas, newer ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/format.h"
#include "postgres/server_identity.h"
#include "support/archive_case.h"
#include "support/pgseal_program.h"
#include "support/pooler.h"
#include "support/requirement.h"
#include "support/tcp_proxy.h"

namespace pgseal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The program in the classic format, with keys and a store of its own.
class ClassicCase final {
 public:
  ClassicCase() { std::filesystem::create_directory(directory_ / "store"); }

  [[nodiscard]] std::vector<std::string> backup_arguments(const std::string& conninfo) const {
    return {"backup",       "--format",       "classic", "--dbname", conninfo,
            "--public-key", keys_.public_pem, "--store", store()};
  }
  [[nodiscard]] test::CommandResult backup(const std::string& conninfo) const {
    return test::pgseal(backup_arguments(conninfo));
  }
  [[nodiscard]] test::CommandResult restore(const std::string& conninfo) const {
    return test::pgseal({"restore", "latest", "--store", store(), "--identity", keys_.private_pem,
                         "--to", conninfo});
  }
  [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(directory_ / "store"); }

 private:
  [[nodiscard]] std::string store() const { return "file://" + (directory_ / "store"); }

  test::TempDir directory_;
  test::KeyPair keys_ = test::make_key_pair(directory_.path());
};

void expect_failure(const test::CommandResult& result, const std::string& words) {
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, HasSubstr(words));
}

/// The error of an archive's restore that has to fail.
Error restore_failure(test::ArchiveCase& backups, const std::string& name,
                      const engine::ArchiveRestoreOptions& options) {
  try {
    std::ignore = backups.restore(name, options);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "restored";
  return {Exit::ok, ""};
}

class BehindAPooler : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(PgBouncer, BehindAPooler, testing::Values("transaction", "session"),
                         [](const auto& mode) { return std::string(mode.param); });

TEST_P(BehindAPooler, IsRefused) {
  PGSEAL_SKIP_BECAUSE(test::have_program("pgbouncer") ? "" : "pgbouncer is not installed");
  constexpr const char* kWords = "cannot work through a connection pooler";
  const test::PostgresServer server;
  const test::Pooler pooler(server, GetParam());
  const std::string pooled = pooler.conninfo("postgres");

  test::ArchiveCase archive;
  const Error error = archive.failure_of([&] { return archive.backup(archive.options(pooled)); });
  EXPECT_THAT(error.message(), HasSubstr(kWords));
  EXPECT_THAT(error.hint(), HasSubstr("connect to the server itself"));
  auto options = archive.restore_options(server, "postgres");
  options.target = engine::Database(postgres::ConnParams::parse(pooled), {});
  const std::string name = archive.backup(server, "postgres").name;
  EXPECT_THAT(restore_failure(archive, name, options).message(), HasSubstr(kWords));

  const ClassicCase classic;
  expect_failure(classic.backup(pooled), kWords);
  EXPECT_TRUE(classic.is_empty());
  ASSERT_TRUE(classic.backup(server.conninfo("postgres")).ok());
  expect_failure(classic.restore(pooled), kWords);
}

/// Two servers with equal databases behind one address, as a reader endpoint has them.
class ServersBehindOneName : public testing::Test {
 protected:
  ServersBehindOneName() {
    for (const test::PostgresServer* server : {&first_, &second_}) {
      server->psql("postgres", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
      server->create_database("target");
    }
  }

  /// New connections reach these servers in turn.
  std::string spread(const std::string& database, std::vector<int> ports) {
    balancer_.spread(std::move(ports));
    return format("host=127.0.0.1 port={} user=postgres dbname={}", balancer_.port(), database);
  }

  void expect_untouched() {
    for (const test::PostgresServer* server : {&first_, &second_}) {
      for (const char* catalog : {"pg_class", "pg_namespace"}) {
        EXPECT_EQ(
            server->psql("target", format("SELECT count(*) FROM {} WHERE oid >= 16384", catalog)),
            "0");
      }
    }
  }

  test::PostgresServer first_, second_;
  test::TcpProxy balancer_{"127.0.0.1"};
  test::ArchiveCase case_;
};

TEST_F(ServersBehindOneName, AreToldApartByAUserWithoutRightsToo) {
  for (const test::PostgresServer* server : {&first_, &second_}) {
    server->psql("postgres",
                 "CREATE ROLE plain LOGIN; "
                 "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;");
  }
  for (const char* user : {"postgres", "plain"}) {
    const auto connect = [&](const test::PostgresServer& server) {
      return postgres::Connection(
          postgres::ConnParams::parse(
              format("host=127.0.0.1 port={} user={} dbname=postgres", server.port(), user)),
          {});
    };
    postgres::Connection here = connect(first_), here_again = connect(first_),
                         there = connect(second_);
    const postgres::ServerIdentity identity = postgres::identify_server(here);
    EXPECT_TRUE(postgres::identify_server(here_again).is_same_run(identity)) << user;
    const postgres::ServerIdentity other = postgres::identify_server(there);
    EXPECT_FALSE(other.is_same_run(identity)) << user;
    EXPECT_FALSE(other.is_successor_of(identity)) << user;
    EXPECT_NO_THROW(here_again.execute_script(postgres::require_server_statement(identity)));
    EXPECT_THROW(there.execute_script(postgres::require_server_statement(identity)), Error);
  }
}

TEST_F(ServersBehindOneName, FailsBeforeAnythingIsStored) {
  const int a = first_.port(), b = second_.port();
  // The coordinator's connection is the first, pg_dump's the second, then come the workers'.
  for (const std::vector<int>& ports : {std::vector{a, b}, {a, a, b}}) {
    const auto options = case_.options(spread("postgres", ports));
    engine::ArchiveProgress progress;
    const Error error = case_.failure_of([&] {
      return engine::backup_archive(options, case_.store(), system_clock(), progress, {});
    });
    EXPECT_THAT(error.message(), HasSubstr("cannot dump from several servers"));
    EXPECT_THAT(error.hint(), HasSubstr("name one instance, not a reader or custom endpoint"));
    EXPECT_EQ(progress.totals.transferred, 0u);
  }
}

TEST_F(ServersBehindOneName, AreNotRestoredInto) {
  const std::string name = case_.backup(first_, "postgres").name;
  auto options = case_.restore_options(first_, "target");
  for (const unsigned jobs : {1U, 3U}) {
    options.jobs = jobs;
    options.target = engine::Database(
        postgres::ConnParams::parse(spread("target", {first_.port(), second_.port()})), {});
    EXPECT_THAT(restore_failure(case_, name, options).message(),
                HasSubstr("cannot restore into several servers"));
    expect_untouched();
  }
}

TEST_F(ServersBehindOneName, AreNotRestoredIntoByPsqlEither) {
  const ClassicCase classic;
  ASSERT_TRUE(classic.backup(first_.conninfo("postgres")).ok());
  // The first connection looks at the target, the second is psql's.
  expect_failure(classic.restore(spread("target", {first_.port(), second_.port()})),
                 "another server than the one that was looked at before");
  expect_untouched();
}

/// A primary with a table of some 20 MB, and a standby of it that never waits for queries.
class Replica : public testing::Test {
 protected:
  Replica() {
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
    return {// An ANALYZE of its own keeps VACUUM from what it has to remove.
            .config = {"wal_level = replica", "max_wal_senders = 4",
                       "max_standby_streaming_delay = 0", "autovacuum = off"},
            .hba = {"local replication all trust"},
            .primary = primary};
  }

  test::PostgresServer primary_{replication(nullptr)};
  test::PostgresServer replica_{replication(&primary_)};
  bool caught_up_ = false;
  test::ArchiveCase case_;
};

TEST_F(Replica, IsWholeWhereNothingIsCancelled) {
  ASSERT_TRUE(caught_up_);
  const auto report = case_.backup(replica_, "app");
  test::stock_restore(primary_, case_.export_to(case_.directory() / "out", report.name), "copy");
  constexpr const char* kSum = "SELECT count(*), sum(id), sum(length(text)) FROM big";
  EXPECT_EQ(primary_.psql("copy", kSum), primary_.psql("app", kSum));
}

TEST_F(Replica, IsNotRestoredInto) {
  ASSERT_TRUE(caught_up_);
  const std::string name = case_.backup(replica_, "app").name;
  auto options = case_.restore_options(replica_, "app");
  options.target_state = engine::Target::may_hold_objects;
  const Error error = restore_failure(case_, name, options);
  EXPECT_THAT(error.message(), HasSubstr("the server is a replica"));
  EXPECT_THAT(error.hint(), HasSubstr("name the primary"));
}

TEST_F(Replica, NamesTheParameterToSetWhereAQueryIsCancelled) {
  ASSERT_TRUE(caught_up_);
  auto options = case_.options(replica_.conninfo("app"));
  options.shape.jobs = 1;
  options.shape.segment_size = kGiB;
  options.rate_limit = kMiB;  // for longer than the primary takes
  engine::ArchiveProgress progress;
  auto backup = std::async(std::launch::async, [&] {
    return engine::backup_archive(options, case_.store(), system_clock(), progress, {});
  });
  ASSERT_TRUE(test::wait_until([&] { return progress.totals.dumped > 0; }));
  primary_.psql("app", "DELETE FROM big WHERE id % 2 = 0; VACUUM big;");
  const Error error = case_.failure_of([&] { return backup.get(); });
  EXPECT_THAT(error.message(), HasSubstr("conflict with recovery"));
  EXPECT_THAT(error.hint(),
              AllOf(HasSubstr("max_standby_streaming_delay"), HasSubstr("hot_standby_feedback")));
}

TEST_F(Replica, NamesTheParameterToSetWherePgDumpIsCancelled) {
  ASSERT_TRUE(caught_up_);
  const ClassicCase classic;
  std::vector<std::string> arguments = classic.backup_arguments(replica_.conninfo("app"));
  arguments.insert(arguments.end(), {"--rate-limit", "1M"});  // for longer than the primary takes
  test::RunningCommand backup(test::pgseal_command(arguments), test::pgseal_environment({}));
  ASSERT_TRUE(test::wait_until([&] {
    return replica_.psql("postgres",
                         "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                         "'COPY public.big%'") == "1";
  }));
  primary_.psql("app", "DELETE FROM big WHERE id % 2 = 0; VACUUM big;");
  const test::CommandResult result = backup.join();
  expect_failure(result, "conflict with recovery");
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("max_standby_streaming_delay"), HasSubstr("hot_standby_feedback")));
  EXPECT_TRUE(classic.is_empty());
}

TEST(ServerNewerThanEveryClient, IsRefused) {
  constexpr int kVersion = 18;
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(kVersion));
  if (test::installed_postgres_versions().back() >= kVersion) GTEST_SKIP() << "its client is here";
  constexpr const char* kWords = "cannot dump a server of version 18";
  const test::PostgresServer server({.version = kVersion});
  test::ArchiveCase archive;
  const Error error = archive.failure_of([&] { return archive.backup(server, "postgres"); });
  EXPECT_THAT(error.message(), HasSubstr(kWords));
  EXPECT_THAT(error.hint(), HasSubstr("postgresql-client-18"));
  const ClassicCase classic;
  expect_failure(classic.backup(server.conninfo("postgres")), kWords);
  EXPECT_TRUE(classic.is_empty());
}

}  // namespace
}  // namespace pgseal
