#include "postgres/pg_dump_toc.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "postgres/connection.h"
#include "support/command.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::postgres {
namespace {

using test::PostgresServer;
using test::wait_until;

Program pg_dump_of(const PostgresServer& server) {
  return {server.bin_dir() + "/pg_dump", server.version() * 10000,
          std::to_string(server.version())};
}

/// A connection that has exported its snapshot.
class Snapshot final {
 public:
  explicit Snapshot(const ConnParams& params) : connection_(params, {}) {
    connection_.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    name_ = connection_.query("SELECT pg_export_snapshot()").at(0).at(0).value();
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Connection connection_;
  std::string name_;
};

bool has_entry(const ArchiveToc& toc, const std::string& description, const std::string& tag) {
  return std::any_of(toc.entries.begin(), toc.entries.end(), [&](const TocEntry& entry) {
    return entry.description == description && entry.tag == tag;
  });
}

std::string sessions_of_pg_dump(const PostgresServer& server) {
  return server.psql("postgres",
                     "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'");
}

std::string locks_of_pg_dump(const PostgresServer& server, const std::string& table) {
  return server.psql("app",
                     format("SELECT mode FROM pg_locks JOIN pg_stat_activity USING (pid) "
                            "WHERE application_name = 'pg_dump' AND relation = '{}'::regclass",
                            table));
}

/// What `use` throws, as its message.
template <typename Use>
std::string message_of(Use use) {
  try {
    use();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::database);
    return error.message();
  }
}

class PgDumpTocOf : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam())); }
};
INSTANTIATE_TEST_SUITE_P(PgDump, PgDumpTocOf, testing::Values(15, 17, 18));

TEST_P(PgDumpTocOf, IsOfTheSnapshotAndKeepsItsLocksUntilItIsClosed) {
  const PostgresServer server({.version = GetParam()});
  server.create_database("app");
  server.psql("app",
              "CREATE TABLE big AS SELECT i FROM generate_series(1, 5000) i;"
              "CREATE TABLE small (i integer)");
  const ConnParams params = ConnParams::parse(server.conninfo("app"));
  const Snapshot snapshot(params);
  server.psql("app", "CREATE TABLE later (i integer)");

  PgDumpToc dump(pg_dump_of(server), params, {.snapshot = snapshot.name()}, {});
  const ArchiveToc toc = dump.read();
  EXPECT_TRUE(has_entry(toc, "TABLE DATA", "big"));
  EXPECT_TRUE(has_entry(toc, "TABLE DATA", "small"));
  EXPECT_FALSE(has_entry(toc, "TABLE", "later"));
  EXPECT_TRUE(dump.holds_locks());
  EXPECT_EQ(locks_of_pg_dump(server, "small"), "AccessShareLock");
  EXPECT_EQ(dump.close(), std::vector<std::string>{});
  EXPECT_FALSE(dump.holds_locks());
  EXPECT_TRUE(wait_until([&] { return sessions_of_pg_dump(server) == "0"; }));
}

/// One server of this machine's version, with a table of 40 KB of text.
class PgDumpTocTest : public testing::Test {
 protected:
  PgDumpTocTest() {
    server.create_database("app");
    server.psql("app", "CREATE TABLE big AS SELECT i FROM generate_series(1, 8000) i");
  }

  PgDumpToc start(const PgDumpToc::Options& options) const {
    return PgDumpToc(pg_dump_of(server), params(), options, {});
  }
  [[nodiscard]] ConnParams params() const { return ConnParams::parse(server.conninfo("app")); }

  PostgresServer server;
};

TEST_F(PgDumpTocTest, OfADatabaseWithoutDataEndsByItself) {
  server.psql("app", "DROP TABLE big");
  const Snapshot snapshot(params());
  PgDumpToc dump = start({.snapshot = snapshot.name()});
  EXPECT_FALSE(has_entry(dump.read(), "TABLE", "big"));
  EXPECT_TRUE(wait_until([&] { return !dump.holds_locks(); }));
  EXPECT_EQ(dump.close(), std::vector<std::string>{});
}

TEST_F(PgDumpTocTest, FailsInPgDumpsOwnWords) {
  PgDumpToc dump = start({.snapshot = "00000003-0000001B-1"});
  const std::string message = message_of([&] { (void)dump.read(); });
  EXPECT_TRUE(message.starts_with("pg_dump failed with exit code 1: pg_dump: error: ")) << message;
  EXPECT_NE(message.find("00000003-0000001B-1"), std::string::npos) << message;
}

TEST_F(PgDumpTocTest, DoesNotWaitForALockForEver) {
  const Snapshot snapshot(params());
  Connection other(params(), {});
  other.execute("BEGIN");
  other.execute("LOCK TABLE big IN ACCESS EXCLUSIVE MODE");
  for (const auto& options :
       {PgDumpToc::Options{.snapshot = snapshot.name(),
       .lock_wait_timeout = std::chrono::milliseconds(100)},
        PgDumpToc::Options{.snapshot = snapshot.name(),
        .pass_through = parse_pg_dump_options({"--lock-wait-timeout=0.1s"})}}) {
    PgDumpToc dump = start(options);
    const std::string message = message_of([&] { (void)dump.read(); });
    EXPECT_NE(message.find("canceling statement due to"), std::string::npos) << message;
    EXPECT_NE(message.find("big"), std::string::npos) << message;
  }
}

TEST_F(PgDumpTocTest, TellsThatPgDumpWasKilled) {
  const Snapshot snapshot(params());
  PgDumpToc dump = start({.snapshot = snapshot.name()});
  EXPECT_TRUE(has_entry(dump.read(), "TABLE DATA", "big"));
  const auto children = test::children_of(::getpid());
  std::string killed;
  for (const pid_t child : children) {
    if (test::read_text(format("/proc/{}/comm", child)) != "pg_dump\n") continue;
    ::kill(child, SIGTERM);
    killed += "pg_dump";
  }
  ASSERT_EQ(killed, "pg_dump");
  EXPECT_TRUE(wait_until([&] { return !dump.holds_locks(); }));
  EXPECT_EQ(message_of([&] { (void)dump.close(); }),
            "pg_dump failed with exit code 1: pg_dump: terminated by user");
}

TEST_F(PgDumpTocTest, EndsAPgDumpThatWritesNothing) {
  // A policy makes a COPY take its time before the first row; the rows before it push the end of
  // the table of contents out of pg_dump's own buffer.
  server.psql("app",
              "DROP TABLE big; CREATE TABLE first AS SELECT repeat('x', 5000);"
              "CREATE TABLE slow AS SELECT 1 AS i; CREATE ROLE reader LOGIN;"
              "ALTER TABLE slow ENABLE ROW LEVEL SECURITY;"
              "GRANT SELECT ON first, slow TO reader;"
              "CREATE POLICY slowly ON slow USING (pg_sleep(600) IS NOT NULL)");
  ConnParams as_reader = params();
  as_reader.set("user", "reader");
  const Snapshot snapshot(params());
  PgDumpToc dump(pg_dump_of(server), as_reader,
                 {.snapshot = snapshot.name(),
                  .pass_through = parse_pg_dump_options({"--enable-row-security"})},
                 {});
  EXPECT_TRUE(has_entry(dump.read(), "TABLE DATA", "slow"));
  EXPECT_TRUE(dump.holds_locks());
  EXPECT_EQ(dump.close(), std::vector<std::string>{});
  EXPECT_TRUE(wait_until([&] { return sessions_of_pg_dump(server) == "0"; }));
}

TEST_F(PgDumpTocTest, ReturnsWarnings) {
  server.psql("app", "CREATE TABLE node (id integer PRIMARY KEY, up integer REFERENCES node)");
  const Snapshot snapshot(params());
  PgDumpToc dump =
      start({.snapshot = snapshot.name(), .pass_through = parse_pg_dump_options({"--data-only"})});
  EXPECT_FALSE(has_entry(dump.read(), "TABLE", "big"));
  const std::vector<std::string> warnings = dump.close();
  ASSERT_FALSE(warnings.empty());
  EXPECT_EQ(warnings.front(),
            "pg_dump: warning: there are circular foreign-key constraints on this table:");
}

TEST_F(PgDumpTocTest, LeavesOwnersOutWherePgDumpItselfDoesNot) {
  const Snapshot snapshot(params());
  PgDumpToc dump =
      start({.snapshot = snapshot.name(), .pass_through = parse_pg_dump_options({"-O"})});
  for (const TocEntry& entry : dump.read().entries) EXPECT_EQ(entry.owner, "");
  EXPECT_EQ(dump.close(), std::vector<std::string>{});
}

TEST_F(PgDumpTocTest, RefusesAnOptionThatPgDumpIsTooOldFor) {
  Program old = pg_dump_of(server);
  old.version = 150000;
  try {
    const PgDumpToc dump(old, params(), {.pass_through = parse_pg_dump_options({"--no-data"})}, {});
    FAIL() << "was started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
  }
}

TEST_F(PgDumpTocTest, EndsPgDumpWhereItIsLeft) {
  const Snapshot snapshot(params());
  {
    PgDumpToc dump = start({.snapshot = snapshot.name()});
    EXPECT_TRUE(has_entry(dump.read(), "TABLE DATA", "big"));
    EXPECT_EQ(sessions_of_pg_dump(server), "1");
  }
  EXPECT_TRUE(wait_until([&] { return sessions_of_pg_dump(server) == "0"; }));
}

TEST(PgDumpTocPassword, IsInNoArgument) {
  const PostgresServer server({.auth = PostgresServer::Auth::scram});
  server.create_database("app");
  server.psql("app",
              "CREATE TABLE big AS SELECT i FROM generate_series(1, 8000) i;"
              "ALTER ROLE postgres PASSWORD 'top-secret'");
  ConnParams params = ConnParams::parse(server.conninfo("app"));
  params.set_password(Secret("top-secret"));
  const Snapshot snapshot(params);
  PgDumpToc dump(pg_dump_of(server), params, {.snapshot = snapshot.name()}, {});
  EXPECT_TRUE(has_entry(dump.read(), "TABLE DATA", "big"));
  for (const pid_t child : test::children_of(::getpid())) {
    EXPECT_EQ(test::read_text(format("/proc/{}/cmdline", child)).find("top-secret"),
              std::string::npos);
  }
  EXPECT_EQ(dump.close(), std::vector<std::string>{});
}

}  // namespace
}  // namespace pgseal::postgres
