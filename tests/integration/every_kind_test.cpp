// The database of every kind and its comparison, judged by stock pg_dump and pg_restore.

#include "support/every_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "support/command.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::test {
namespace {

using ::testing::IsSupersetOf;

constexpr const char* kDatabase = "every_kind";

std::vector<std::string> at(const PostgresServer& server, const std::string& program,
                            const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {server.bin_dir() + "/" + program, "--host", server.socket_dir(),
                                   "--port", std::to_string(server.port())};
  argv.insert(argv.end(), {"--username", "postgres"});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

/// The original on one server, its archive, and its copy on another, made once for all tests.
struct Restored {
  explicit Restored(int version)
      : original(every_kind_options(version)), copy(every_kind_options(version)) {
    load_every_kind(original, kDatabase);
    create_every_kind_roles(copy);
    run_ok(at(original, "pg_dump", {"-Fd", "-j2", "-d", kDatabase, "-f", directory / "archive"}));
    run_ok(at(copy, "pg_restore", {"--create", "-j2", "-d", "postgres", directory / "archive"}));
  }
  PostgresServer original, copy;
  TempDir directory;
};

class EveryKind : public ::testing::TestWithParam<int> {
 protected:
  static void TearDownTestSuite() { made_.clear(); }

  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(why_no_postgres(GetParam()));
    std::unique_ptr<Restored>& made = made_[GetParam()];
    if (!made) made = std::make_unique<Restored>(GetParam());
    restored_ = made.get();
  }

  Restored* restored_ = nullptr;

 private:
  static inline std::map<int, std::unique_ptr<Restored>> made_;
};

/// "TABLE DATA" from "3456; 0 16402 TABLE DATA public t owner".
std::string kind_of_entry(const std::string& line) {
  std::istringstream words(line);
  std::string kind, word;
  for (int i = 0; i < 3; ++i) words >> word;
  while (words >> word && word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == word.npos) {
    kind += (kind.empty() ? "" : " ") + word;
  }
  return kind;
}

TEST_P(EveryKind, IsInTheArchivesTableOfContents) {
  std::istringstream list(run_ok({restored_->original.bin_dir() + "/pg_restore", "--create",
                                  "--list", restored_->directory / "archive"}));
  std::set<std::string> kinds;
  for (std::string line; std::getline(list, line);) {
    if (!line.starts_with(';')) kinds.insert(kind_of_entry(line));
  }
  const std::string large_object = GetParam() < 17 ? "BLOB" : "BLOB METADATA";
  EXPECT_THAT(kinds, IsSupersetOf({"ACCESS METHOD",
                                   "ACL",
                                   "AGGREGATE",
                                   large_object.c_str(),
                                   "BLOBS",
                                   "CAST",
                                   "CHECK CONSTRAINT",
                                   "COLLATION",
                                   "COMMENT",
                                   "CONSTRAINT",
                                   "CONVERSION",
                                   "DATABASE",
                                   "DATABASE PROPERTIES",
                                   "DEFAULT",
                                   "DEFAULT ACL",
                                   "DOMAIN",
                                   "EVENT TRIGGER",
                                   "EXTENSION",
                                   "FK CONSTRAINT",
                                   "FOREIGN DATA WRAPPER",
                                   "FOREIGN TABLE",
                                   "FUNCTION",
                                   "INDEX",
                                   "INDEX ATTACH",
                                   "MATERIALIZED VIEW",
                                   "MATERIALIZED VIEW DATA",
                                   "OPERATOR",
                                   "OPERATOR CLASS",
                                   "OPERATOR FAMILY",
                                   "POLICY",
                                   "PROCEDURAL LANGUAGE",
                                   "PROCEDURE",
                                   "PUBLICATION",
                                   "PUBLICATION TABLE",
                                   "PUBLICATION TABLES IN SCHEMA",
                                   "ROW SECURITY",
                                   "RULE",
                                   "SCHEMA",
                                   "SEQUENCE",
                                   "SEQUENCE OWNED BY",
                                   "SEQUENCE SET",
                                   "SERVER",
                                   "SHELL TYPE",
                                   "STATISTICS",
                                   "SUBSCRIPTION",
                                   "TABLE",
                                   "TABLE ATTACH",
                                   "TABLE DATA",
                                   "TEXT SEARCH CONFIGURATION",
                                   "TEXT SEARCH DICTIONARY",
                                   "TEXT SEARCH PARSER",
                                   "TEXT SEARCH TEMPLATE",
                                   "TRANSFORM",
                                   "TRIGGER",
                                   "TYPE",
                                   "USER MAPPING",
                                   "VIEW"}));
}

TEST_P(EveryKind, IsEqualAfterStockDumpAndRestore) {
  expect_equal_dumps(restored_->original, kDatabase, restored_->copy, kDatabase);
}

INSTANTIATE_TEST_SUITE_P(Of, EveryKind, ::testing::Values(15, 17, 18),
                         [](const auto& of) { return std::to_string(of.param); });

/// Two databases on one server, equal at first.
class EqualDumps : public ::testing::Test {
 protected:
  void SetUp() override {
    if (installed_postgres_versions().empty()) PGSEAL_SKIP_BECAUSE("no PostgreSQL is installed");
    server_ = std::make_unique<PostgresServer>();
    for (const char* database : {"a", "b"}) {
      server_->create_database(database);
      server_->psql(database,
                    "CREATE TABLE numbers AS SELECT generate_series(1, 5) AS i;"
                    "CREATE MATERIALIZED VIEW total AS SELECT sum(i) FROM numbers;");
    }
    expect_equal_dumps(*server_, "a", *server_, "b");
  }

  std::unique_ptr<PostgresServer> server_;
};

TEST_F(EqualDumps, ShowTheRowThatDiffers) {
  server_->psql("b", "UPDATE numbers SET i = 6 WHERE i = 5");
  EXPECT_NONFATAL_FAILURE(expect_equal_dumps(*server_, "a", *server_, "b"), "-5\n+6\n");
}

TEST_F(EqualDumps, TellWhatIsNotInADump) {
  server_->psql("a", "INSERT INTO numbers VALUES (7)");
  server_->psql("b", "INSERT INTO numbers VALUES (7); REFRESH MATERIALIZED VIEW total");
  EXPECT_NONFATAL_FAILURE(expect_equal_dumps(*server_, "a", *server_, "b"), "table total|1|");
}

}  // namespace
}  // namespace pgseal::test
