// One moment in time: backups while the database is changed at full speed, and while DDL runs.
// `make soak` repeats it five times.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/archive_case.h"

namespace pgseal {
namespace {

/// A psql in the background that runs a script without an end, and is at it once constructed.
class Workload final {
 public:
  Workload(const test::PostgresServer& server, const std::string& name, const std::string& database,
           const std::string& script)
      : server_(server),
        database_(database),
        sessions_(" FROM pg_stat_activity WHERE application_name = '" + name +
                  "' AND pid <> pg_backend_pid()"),
        psql_({server.bin_dir() + "/psql", "-Xqd",
               server.conninfo(database) + " application_name=" + name},
              {.input = script}) {
    EXPECT_TRUE(test::wait_until([&] {
      return server.psql(database, "SELECT count(*)" + sessions_ + " AND query <> ''") == "1";
    }));
  }
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  ~Workload() {
    server_.psql(database_, "SELECT pg_terminate_backend(pid)" + sessions_);
    psql_.join();
  }

 private:
  const test::PostgresServer& server_;
  std::string database_;
  std::string sessions_;
  test::RunningCommand psql_;
};

/// Statements, "\\;" between them, again and again, a second in between: somebody
/// who always waits for a lock leaves no moment for a backup.
std::string again_and_again(const std::string& statements) { return statements + " \\watch 1\n"; }

class ArchiveConsistency : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new test::PostgresServer(); }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  /// Backs up, restores by stock means into a database of its own, and returns what `query` says
  /// there.
  std::string restored(const std::string& database, const std::string& query) {
    const auto report = case_.backup(*server_, database);
    const std::string copy = "copy";
    test::stock_restore(*server_, case_.export_to(case_.directory() / "out", report.name), copy);
    std::filesystem::remove_all(case_.directory() / "out");
    const std::string answer = server_->psql(copy, query);
    server_->psql("postgres", "DROP DATABASE copy");
    return answer;
  }

  static test::PostgresServer* server_;
  test::ArchiveCase case_;
};

test::PostgresServer* ArchiveConsistency::server_ = nullptr;

TEST_F(ArchiveConsistency, TheSumOfAllAccountsIsExactWhileMoneyMoves) {
  server_->create_database("bank");
  server_->psql("bank", R"(
    CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, note text);
    INSERT INTO account SELECT i, 1000, repeat('x', 200) FROM generate_series(1, 10000) i;
    CREATE TABLE journal (id bigserial PRIMARY KEY, amount bigint);)");
  const std::string transfer = R"(
    DO $$ BEGIN LOOP
      UPDATE account SET balance = balance - 7 WHERE id = (SELECT 1 + (random() * 4999)::int);
      UPDATE account SET balance = balance + 7 WHERE id = (SELECT 5001 + (random() * 4999)::int);
      INSERT INTO journal (amount) VALUES (7);
      COMMIT;
    END LOOP; END $$;)";
  const Workload one(*server_, "one", "bank", transfer);
  const Workload two(*server_, "two", "bank", transfer);
  ASSERT_TRUE(test::wait_until(
      [] { return server_->psql("bank", "SELECT count(*) > 100 FROM journal") == "t"; }));
  std::string last = "0";
  for (int i = 0; i < 10; ++i) {
    // Both tables are of the same moment: what was journalled has left the first half.
    const std::string answer = restored("bank", R"(
      SELECT (SELECT sum(balance) FROM account), count(*),
        (SELECT sum(balance) FROM account WHERE id <= 5000) + sum(amount) FROM journal)");
    EXPECT_THAT(answer, testing::StartsWith("10000000|"));
    EXPECT_THAT(answer, testing::EndsWith("|5000000"));
    EXPECT_NE(answer, last) << "nothing moved between two backups";
    last = answer;
  }
}

TEST_F(ArchiveConsistency, DdlNeitherHangsNorEmptiesABackup) {
  server_->create_database("ddl");
  // In every committed state each table holds 3,000 rows; rewriting and truncating are not safe
  // for snapshots that are older (PostgreSQL, "Caveats" of concurrency control).
  const std::string fill = "SELECT i, i::text || repeat('y', 100) FROM generate_series(1, 3000) i";
  for (const char* table : {"truncated", "rewritten", "vacuumed", "indexed", "replaced"}) {
    server_->psql("ddl", std::string("CREATE TABLE ") + table + " AS " + fill);
  }
  const Workload truncate(
      *server_, "truncate", "ddl",
      again_and_again("BEGIN \\; TRUNCATE truncated \\; INSERT INTO truncated " + fill +
                      "\\; COMMIT"));
  const Workload rewrite(*server_, "rewrite", "ddl",
                         again_and_again("ALTER TABLE rewritten ALTER COLUMN i TYPE bigint \\; "
                                         "ALTER TABLE rewritten ALTER COLUMN i TYPE int"));
  const Workload vacuum(*server_, "vacuum", "ddl", again_and_again("VACUUM FULL vacuumed"));
  const Workload index(*server_, "index", "ddl",
                       again_and_again("CREATE INDEX x ON indexed (i) \\; DROP INDEX x"));
  const Workload replace(
      *server_, "replace", "ddl",
      again_and_again("BEGIN \\; DROP TABLE replaced \\; CREATE TABLE replaced AS " + fill +
                      "\\; COMMIT"));
  int succeeded = 0;
  for (int i = 0; i < 5; ++i) {
    try {
      EXPECT_EQ(restored("ddl", R"(
        SELECT (SELECT count(*) FROM truncated), (SELECT count(*) FROM rewritten),
          (SELECT count(*) FROM vacuumed), (SELECT count(*) FROM indexed),
          (SELECT count(*) FROM replaced))"),
                "3000|3000|3000|3000|3000");
      ++succeeded;
    } catch (const Error& error) {
      // It may find no quiet moment, and has to say so; it stores nothing then.
      EXPECT_EQ(error.code(), Exit::database) << error.message();
      EXPECT_THAT(error.message(), testing::HasSubstr("cannot lock the tables")) << error.message();
    }
  }
  EXPECT_GT(succeeded, 0);
  for (const auto& entry : backupset::list_archives(case_.store(), "", {})) {
    EXPECT_EQ(entry.problem, "") << entry.place.name();
  }
}

}  // namespace
}  // namespace pgseal
