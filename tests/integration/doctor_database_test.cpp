// Each check of a database finds what it is for, and its remedy, run as it stands, is one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/format.h"
#include "engine/doctor_database.h"
#include "support/pooler.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/tcp_proxy.h"

namespace pgseal {
namespace {

using engine::Finding;
using engine::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A primary with little room for locks, extensions that are difficult, and a standby.
struct Servers {
  Servers() {
    const std::string place = extensions_ / "extension";
    std::filesystem::create_directory(place);
    for (const char* name : {"timescaledb", "pg_cron"}) {
      test::write_text(place + "/" + name + ".control", "default_version = '1.0'\n");
      test::write_text(place + "/" + name + "--1.0.sql",
                       format("CREATE TABLE {}_state AS SELECT 1 AS a;\n", name));
    }
    primary = std::make_unique<test::PostgresServer>(options(nullptr));
    replica = std::make_unique<test::PostgresServer>(options(primary.get()));
  }

  [[nodiscard]] test::PostgresServer::Options options(const test::PostgresServer* of) const {
    return {.config = {"wal_level = replica", "max_wal_senders = 2", "max_connections = 20",
                       "max_locks_per_transaction = 10", "max_prepared_transactions = 2",
                       "max_standby_archive_delay = -1"},
            .hba = {"local replication all trust"},
            .tls = &certificates,
            .primary = of,
            .extensions = extensions_ / "extension"};
  }

  test::Certificates certificates{"localhost"};
  std::unique_ptr<test::PostgresServer> primary, replica;

 private:
  test::TempDir extensions_;
};

class DoctorDatabase : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = new Servers();
    server().psql("postgres",
                  "CREATE ROLE \"it's \"\"me\"\"\" LOGIN; "
                  "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data, pg_read_all_stats;");
  }
  static void TearDownTestSuite() {
    delete servers_;
    servers_ = nullptr;
  }
  static test::PostgresServer& server() { return *servers_->primary; }

  DoctorDatabase() {
    server().psql("postgres", "DROP DATABASE IF EXISTS app WITH (FORCE)");
    server().create_database("app");
  }

  static void app(const std::string& sql) { server().psql("app", sql); }

  [[nodiscard]] static std::string conninfo(const std::string& user,
                                            const std::string& host = "127.0.0.1") {
    return format("host={} port={} dbname=app user='{}'", host, server().port(), user);
  }

  engine::Checks examine(const std::string& conninfo) {
    const engine::Database database(postgres::ConnParams::parse(conninfo), {});
    engine::Checks checks;
    const auto known = engine::check_database({.database = database,
                                               .pg_dump = postgres::parse_pg_dump_options(pg_dump_),
                                               .connections = connections_,
                                               .program_path = std::getenv("PATH"),
                                               .get_certificates = "get new ones",
                                               .memory = "396 MiB",
                                               .long_transaction = long_transaction_},
                                              checks, system_clock(), {});
    EXPECT_EQ(known.connection != nullptr, checks.all().size() > 1);
    EXPECT_EQ(known.table_bytes.has_value(), checks.all().size() > 1);
    return checks;
  }

  /// What this check finds, in the database `app`.
  Finding find(const std::string& name, const std::string& conninfo) {
    const engine::Checks checks = examine(conninfo);
    for (const engine::Check& check : checks.all()) {
      if (check.name == name) return check.finding;
    }
    ADD_FAILURE() << "there is no check " << name;
    return {State::ok, ""};
  }

  /// The check finds `objects`, and nothing any more when its remedy was run.
  void expect_remedied(const std::string& name, const std::string& conninfo, State state,
                       const std::vector<std::string>& objects) {
    const Finding found = find(name, conninfo);
    EXPECT_EQ(found.state, state) << name << ": " << found.reason;
    EXPECT_EQ(found.objects, objects) << name;
    app(found.remedy);
    const Finding after = find(name, conninfo);
    EXPECT_EQ(after.state, State::ok) << name << ": " << after.reason;
    EXPECT_EQ(after.remedy, "");
  }

  static Servers* servers_;
  std::vector<std::string> pg_dump_;
  unsigned connections_ = 5;
  std::chrono::seconds long_transaction_ = std::chrono::hours(1);
  const std::string stranger_ = R"(it\'s "me")";  // as a connection string has it
};
Servers* DoctorDatabase::servers_ = nullptr;

TEST_F(DoctorDatabase, IsContentWithAnOrdinaryOne) {
  app("CREATE TABLE t (id serial PRIMARY KEY, a text); INSERT INTO t (a) VALUES ('x'); ANALYZE t");
  const engine::Checks checks = examine(conninfo("reader"));
  std::vector<std::string> names;
  for (const engine::Check& check : checks.all()) {
    EXPECT_EQ(check.finding.state, State::ok) << check.name << ": " << check.finding.reason;
    EXPECT_EQ(check.subject, "database");
    names.push_back(check.name);
  }
  EXPECT_EQ(names, engine::database_check_names());
  EXPECT_EQ(checks.exit_code(), Exit::ok);
}

TEST_F(DoctorDatabase, EndsWithAConnectionThatFails) {
  const engine::Checks checks = examine(conninfo("nobody"));
  ASSERT_EQ(checks.all().size(), 1u);
  EXPECT_EQ(checks.all()[0].name, "connection");
  EXPECT_THAT(checks.all()[0].finding.reason, HasSubstr("role \"nobody\" does not exist"));
  EXPECT_THAT(checks.all()[0].finding.reason, HasSubstr("what needs it was not looked at"));
  EXPECT_EQ(checks.exit_code(), Exit::database);
}

// What the role may read.

TEST_F(DoctorDatabase, NamesWhatTheRoleMayNotRead) {
  app(R"(
    CREATE SCHEMA "My Schema";
    CREATE TABLE "My Schema"."a ""b""" (id serial);
    CREATE TABLE open (a int); GRANT SELECT ON open TO PUBLIC;
    CREATE TABLE columns (a int, b int); GRANT SELECT (a, b) ON columns TO PUBLIC;
    CREATE TABLE parts (a int) PARTITION BY LIST (a);
    CREATE VIEW views AS SELECT 1; CREATE TEMP TABLE temporary (a int);
    SELECT lo_create(4711); SELECT lo_create(4712); GRANT SELECT ON LARGE OBJECT 4712 TO PUBLIC;)");
  const std::string who = conninfo(stranger_);
  expect_remedied("schemas", who, State::failure, {"\"My Schema\""});
  expect_remedied("tables", who, State::failure,
                  {"\"My Schema\".\"a \"\"b\"\"\"", "public.columns", "public.parts"});
  expect_remedied("sequences", who, State::failure, {"\"My Schema\".\"a \"\"b\"\"_id_seq\""});
  expect_remedied("large-objects", who, State::failure, {"4711"});
}

TEST_F(DoctorDatabase, GrantsManyAtOnce) {
  app("DO $$ BEGIN FOR i IN 1..6 LOOP EXECUTE format('CREATE TABLE t%s (id serial)', i); "
      "PERFORM lo_create(i); END LOOP; END $$;");
  const std::string who = conninfo(stranger_);
  const Finding tables = find("tables", who);
  EXPECT_EQ(tables.remedy, "GRANT pg_read_all_data TO \"it's \"\"me\"\"\";");
  EXPECT_EQ(tables.objects.size(), 6u);
  EXPECT_THAT(tables.reason, HasSubstr("public.t5 and 1 more"));
  EXPECT_EQ(find("sequences", who).remedy, tables.remedy);
  app(tables.remedy);
  for (const char* name : {"tables", "sequences"}) EXPECT_EQ(find(name, who).state, State::ok);
  expect_remedied("large-objects", who, State::failure, {"1", "2", "3", "4", "5", "6"});
  app("REVOKE pg_read_all_data FROM \"it's \"\"me\"\"\"");
}

TEST_F(DoctorDatabase, CountsLargeObjectsAndNamesSome) {
  app("SELECT lo_create(i) FROM generate_series(1, 200) AS s (i)");
  const Finding found = find("large-objects", conninfo(stranger_));
  EXPECT_THAT(found.reason, HasSubstr("on large object 1, 2, 3, 4, 5 and 195 more"));
  EXPECT_EQ(found.objects.size(), 100u);
  app(found.remedy);
  EXPECT_EQ(find("large-objects", conninfo(stranger_)).state, State::ok);
}

TEST_F(DoctorDatabase, OnlyWarnsWherePgDumpMayLeaveOutWhatIsMissing) {
  app("CREATE TABLE t (a int)");
  pg_dump_ = {"--exclude-table=t"};
  const Finding found = find("tables", conninfo(stranger_));
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.reason, HasSubstr("unless the options of pg_dump leave that out"));
}

TEST_F(DoctorDatabase, LooksWithTheRightsOfTheRoleThatPgDumpTakesOn) {
  app("CREATE TABLE t (a int)");
  pg_dump_ = {"--role=reader"};
  EXPECT_EQ(find("tables", conninfo("postgres")).state, State::ok);
  pg_dump_ = {"--role=it's \"me\""};
  EXPECT_EQ(find("tables", conninfo("postgres")).state, State::failure);
}

TEST_F(DoctorDatabase, NamesTablesWhoseRowsPoliciesHide) {
  app("CREATE TABLE secret (a int); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; "
      "CREATE TABLE off (a int); CREATE POLICY p ON off USING (false);");
  pg_dump_ = {"--enable-row-security"};
  EXPECT_EQ(find("row-security", conninfo("reader")).state, State::warning);
  pg_dump_ = {};
  EXPECT_EQ(find("row-security", conninfo("postgres")).state, State::ok);
  expect_remedied("row-security", conninfo("reader"), State::failure, {"public.secret"});
  app("ALTER ROLE reader NOBYPASSRLS");

  // What stands beside it needs no superuser, and is one too, but where the owner is bound as well.
  app("CREATE ROLE owner; ALTER TABLE secret OWNER TO owner");
  const std::string with_owner = find("row-security", conninfo("reader")).remedy;
  const std::size_t begin = with_owner.find("GRANT ");
  ASSERT_NE(begin, std::string::npos) << with_owner;
  app(with_owner.substr(begin));
  EXPECT_EQ(find("row-security", conninfo("reader")).state, State::ok);
  app("ALTER TABLE secret FORCE ROW LEVEL SECURITY");
  EXPECT_EQ(find("row-security", conninfo("reader")).remedy, "ALTER ROLE reader BYPASSRLS;");
  app("DROP OWNED BY owner; DROP ROLE owner");
}

// How the server is set, and what goes on there.

TEST_F(DoctorDatabase, NotesTimeOuts) {
  app("ALTER DATABASE app SET statement_timeout = '30s'");
  const Finding found = find("time-outs", conninfo("reader"));
  EXPECT_EQ(found.state, State::note);
  EXPECT_THAT(found.objects, ElementsAre("statement_timeout = 30000ms"));
}

TEST_F(DoctorDatabase, NamesWhoHoldsALock) {
  app("CREATE TABLE t (a int)");
  postgres::Connection holder(postgres::ConnParams::parse(conninfo("postgres")), {});
  holder.execute_script("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
  const Finding found = find("locks", conninfo("reader"));
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.reason, HasSubstr(format("table public.t: process {} (postgres, pgseal, idle "
                                             "in transaction) holds AccessExclusiveLock, since 2",
                                             holder.backend_pid())));
  EXPECT_THAT(found.reason, Not(HasSubstr("LOCK TABLE")));  // it might hold a password
  EXPECT_EQ(found.remedy,
            format("SELECT pg_catalog.pg_terminate_backend({});", holder.backend_pid()));
  holder.execute("ROLLBACK");
  EXPECT_EQ(find("locks", conninfo("reader")).state, State::ok);
}

TEST_F(DoctorDatabase, LeavesThoseAloneWhoWaitForARow) {
  app("CREATE TABLE t AS SELECT 1 AS a");
  const auto params = postgres::ConnParams::parse(conninfo("postgres"));
  std::vector<std::jthread> waiters;  // one for the transaction's end, one for the row
  postgres::Connection holder(params, {});
  holder.execute_script("BEGIN; UPDATE t SET a = 2");
  for (int i = 0; i < 2; ++i) {
    waiters.emplace_back([&] { postgres::Connection(params, {}).execute("UPDATE t SET a = 3"); });
  }
  EXPECT_TRUE(test::wait_until([&] {
    return server().psql("app", "SELECT count(*) FROM pg_locks WHERE NOT granted") == "2";
  }));
  EXPECT_EQ(find("locks", conninfo("reader")).state, State::ok);
  holder.execute("ROLLBACK");
}

TEST_F(DoctorDatabase, NamesPreparedTransactionsAndTheirLocks) {
  app("CREATE TABLE t (a int); BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; "
      "PREPARE TRANSACTION 'left''over';");
  const Finding lock = find("locks", conninfo("reader"));
  EXPECT_THAT(lock.reason,
              HasSubstr("table public.t: a prepared transaction holds AccessExclusiveLock"));
  EXPECT_EQ(lock.remedy, "");  // it has no process to end
  const Finding found = find("prepared-transactions", conninfo("reader"));
  EXPECT_EQ(found.state, State::note);
  EXPECT_THAT(found.reason, HasSubstr("'left''over' (postgres), since 2"));
  app(found.remedy);
  for (const char* name : {"locks", "prepared-transactions"}) {
    EXPECT_EQ(find(name, conninfo("reader")).state, State::ok) << name;
  }
}

TEST_F(DoctorDatabase, NotesTransactionsThatAreOpenForLong) {
  postgres::Connection idle(postgres::ConnParams::parse(conninfo("postgres")), {});
  idle.execute("BEGIN");
  EXPECT_EQ(find("transactions", conninfo("reader")).state, State::ok);
  long_transaction_ = std::chrono::seconds(0);
  const Finding found = find("transactions", conninfo("reader"));
  EXPECT_EQ(found.state, State::note);
  EXPECT_THAT(found.reason,
              HasSubstr(format("process {} (postgres, pgseal, idle in transaction), since 2",
                               idle.backend_pid())));
  idle.execute("ROLLBACK");
  // Who may not see those of others says so.
  expect_remedied("transactions", conninfo(stranger_), State::note, {});
  app("REVOKE pg_read_all_stats FROM \"it's \"\"me\"\"\"");
}

TEST_F(DoctorDatabase, CountsTablesAgainstTheRoomForLocks) {
  const auto make = [&](int first, int last) {
    app(
        format("DO $$ BEGIN FOR i IN {}..{} LOOP EXECUTE 'CREATE TABLE t' || i || ' ()'; "
               "END LOOP; END $$;",
               first, last));
  };
  make(1, 100);
  EXPECT_EQ(find("lock-table", conninfo("reader")).state, State::ok);
  make(101, 120);
  const Finding some = find("lock-table", conninfo("reader"));
  EXPECT_EQ(some.state, State::warning);
  EXPECT_THAT(some.reason, HasSubstr("120 tables to lock, and room for about 220 locks"));
  EXPECT_THAT(some.remedy, HasSubstr("ALTER SYSTEM SET max_locks_per_transaction = 20;"));
  make(121, 221);
  EXPECT_EQ(find("lock-table", conninfo("reader")).state, State::failure);
  pg_dump_ = {"--table=t1"};
  EXPECT_EQ(find("lock-table", conninfo("reader")).state, State::warning);
  app("CREATE ROLE rds_superuser");  // then the server is RDS's, and takes no ALTER SYSTEM
  EXPECT_THAT(
      find("lock-table", conninfo("reader")).remedy,
      testing::StartsWith("-- in the parameter group of RDS: max_locks_per_transaction = "));
  app("DROP ROLE rds_superuser");
}

TEST_F(DoctorDatabase, CountsConnectionsAgainstTheirLimits) {
  connections_ = 18;  // of twenty, three are the superuser's
  EXPECT_EQ(find("connections", conninfo("reader")).state, State::failure);
  connections_ = 5;
  app("ALTER ROLE reader CONNECTION LIMIT 4");
  expect_remedied("connections", conninfo("reader"), State::failure, {});
  app("ALTER ROLE reader CONNECTION LIMIT -1; ALTER DATABASE app CONNECTION LIMIT 5;");
  const postgres::Connection other(postgres::ConnParams::parse(conninfo("reader")), {});
  expect_remedied("connections", conninfo("reader"), State::warning, {});
}

// What a dump leaves out, or has trouble with.

TEST_F(DoctorDatabase, KnowsExtensionsThatAreDifficult) {
  app("CREATE EXTENSION pg_cron");
  EXPECT_EQ(find("extensions", conninfo("reader")).state, State::note);
  app("CREATE EXTENSION timescaledb; ANALYZE timescaledb_state");
  const Finding found = find("extensions", conninfo("reader"));
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.objects, ElementsAre("pg_cron 1.0", "timescaledb 1.0"));
  EXPECT_THAT(found.remedy, HasSubstr("SELECT timescaledb_pre_restore();"));
  const Finding tables = find("extension-tables", conninfo("reader"));
  EXPECT_EQ(tables.state, State::note);
  EXPECT_THAT(tables.objects, testing::Contains("public.timescaledb_state"));
}

TEST_F(DoctorDatabase, NotesWhatADumpLeavesOut) {
  app(R"(
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
    CREATE FOREIGN TABLE far (a int) SERVER s;
    CREATE MATERIALIZED VIEW hollow AS SELECT 1 AS a WITH NO DATA;
    CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER "on DDL" ON ddl_command_end EXECUTE FUNCTION f();
    CREATE SUBSCRIPTION sub CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE);
    CREATE TABLE twice AS SELECT 1 AS a FROM generate_series(1, 2);)");
  EXPECT_THROW(app("CREATE UNIQUE INDEX CONCURRENTLY twice_a ON twice (a)"), std::runtime_error);
  const std::string who = conninfo("reader");
  for (const auto& [name, object] :
       {std::pair{"foreign-tables", "public.far"}, std::pair{"event-triggers", "\"on DDL\""},
        std::pair{"subscriptions", "sub"}}) {
    const Finding found = find(name, who);
    EXPECT_EQ(found.state, State::note) << name;
    EXPECT_THAT(found.objects, ElementsAre(object)) << name;
  }
  EXPECT_EQ(find("subscriptions", conninfo("postgres")).state, State::ok);
  app("DELETE FROM twice WHERE ctid = '(0,1)'");
  expect_remedied("indexes", who, State::note, {"public.twice_a"});
  expect_remedied("materialized-views", who, State::note, {"public.hollow"});
  app("DROP SUBSCRIPTION sub");
}

// Which server, and over what.

TEST_F(DoctorDatabase, LooksAtTheAuthoritiesOfTheServer) {
  const std::string over_tls =
      conninfo("reader", "localhost") +
      " sslmode=verify-full sslrootcert=" + servers_->certificates.ca_pem();
  EXPECT_THAT(find("tls", over_tls).reason, HasSubstr("TLSv1."));
  const Finding found = find("authorities", over_tls);
  EXPECT_EQ(found.state, State::warning);  // they are good for two days only
  EXPECT_EQ(found.remedy, "get new ones");
}

TEST_F(DoctorDatabase, IsToldOfAPooler) {
  PGSEAL_SKIP_BECAUSE(test::have_program("pgbouncer") ? "" : "pgbouncer is not installed");
  const test::Pooler pooler(server(), "transaction");
  const Finding found = find("server", pooler.conninfo("app"));
  EXPECT_EQ(found.state, State::failure);
  EXPECT_THAT(found.reason, HasSubstr("cannot work through a connection pooler"));
}

TEST_F(DoctorDatabase, IsWarnedOfAnEndpointThatLeadsToSeveralServers) {
  const Finding found = find(
      "server", conninfo("reader", "shop.cluster-ro-abc123def456.eu-west-1.rds.amazonaws.com") +
                    " hostaddr=127.0.0.1");
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.reason, HasSubstr("is a reader or custom endpoint"));
}

TEST_F(DoctorDatabase, IsToldOfSeveralServersAndOfAReplica) {
  app("CREATE UNLOGGED TABLE fleeting (a int)");
  const test::PostgresServer& replica = *servers_->replica;
  const std::string end = server().psql("app", "SELECT pg_current_wal_insert_lsn()");
  ASSERT_TRUE(test::wait_until([&] {
    return replica.psql("postgres", format("SELECT pg_last_wal_replay_lsn() >= '{}'", end)) == "t";
  }));
  EXPECT_EQ(find("unlogged-tables", conninfo("reader")).state, State::ok);
  const Finding unlogged = find("unlogged-tables", replica.conninfo("app"));
  EXPECT_EQ(unlogged.state, State::warning);
  EXPECT_THAT(unlogged.objects, ElementsAre("public.fleeting"));

  const Finding found = find("replica", replica.conninfo("app"));
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.reason, HasSubstr("for 30 s, and for ever where it replays an archive"));
  replica.psql("postgres", found.remedy);
  EXPECT_TRUE(test::wait_until(
      [&] { return find("replica", replica.conninfo("app")).state == State::note; }));

  test::TcpProxy balancer("127.0.0.1");
  // The first connection is doctor's own, the second the one that it is compared with.
  balancer.spread({server().port(), replica.port()});
  const Finding several =
      find("server", format("host=127.0.0.1 port={} user=postgres dbname=app", balancer.port()));
  EXPECT_EQ(several.state, State::failure);
  EXPECT_THAT(several.reason, HasSubstr("cannot dump from several servers"));
}

TEST_F(DoctorDatabase, IsToldWherePgDumpIsTooOld) {
  if (server().version() >= 18) GTEST_SKIP() << "its pg_dump knows all options";
  pg_dump_ = {"--no-policies"};
  const Finding found = find("pg_dump", conninfo("reader"));
  EXPECT_EQ(found.state, State::failure);
  EXPECT_THAT(found.reason, HasSubstr("--no-policies"));
}

}  // namespace
}  // namespace pgseal
