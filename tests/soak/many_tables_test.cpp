// Ten thousand tables, twenty thousand large objects and rows of 500 MB, there and back.

#include <gtest/gtest.h>

#include <iostream>

#include "support/age_program.h"
#include "support/every_kind.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

class RestoreSoak : public testing::Test {
 protected:
  RestoreSoak() { server_.create_database("original"); }

  /// Backs up, restores into "copy" and returns what the restore took.
  test::CommandResult there_and_back() {
    const auto backup = test::pgseal({"backup", "--dbname", server_.conninfo("original"),
                                      "--recipient", key_.recipient, "--store", store()});
    EXPECT_TRUE(backup.ok()) << backup.describe();
    server_.create_database("copy");
    auto restore = test::pgseal({"restore", "--identity", key_.identity_file, "--store", store(),
                                 "--to", server_.conninfo("copy")});
    EXPECT_TRUE(restore.ok()) << restore.describe();
    std::cout << restore.out << "peak memory: " << restore.max_rss_kb / 1024 << " MiB\n";
    return restore;
  }
  [[nodiscard]] std::string store() const { return "file://" + directory_.path(); }

  test::PostgresServer server_{
      test::PostgresServer::Options{.config = {"max_locks_per_transaction = 1000"}}};
  test::TempDir directory_;
  test::AgeKey key_ = test::make_age_key(directory_.path());
};

TEST_F(RestoreSoak, TenThousandTables) {
  for (int first = 0; first < 10000; first += 1000) {
    server_.psql("original", "DO $$ BEGIN FOR i IN " + std::to_string(first) + ".." +
                                 std::to_string(first + 999) + R"( LOOP
      EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, text text UNIQUE)', i);
      EXECUTE format('INSERT INTO t%s SELECT g, %L || g FROM generate_series(1, 5) g', i, i);
    END LOOP; END $$)");
  }
  std::ignore = there_and_back();
  test::expect_equal_dumps(server_, "original", server_, "copy", test::RowOrder::any);
}

TEST_F(RestoreSoak, TwentyThousandLargeObjects) {
  server_.psql("original",
               "SELECT count(lo_from_bytea(0, decode(repeat(md5(i::text), 1 + i % 64), 'hex'))) "
               "FROM generate_series(1, 20000) AS i");
  std::ignore = there_and_back();
  test::expect_equal_dumps(server_, "original", server_, "copy");
}

TEST_F(RestoreSoak, RowsOf500Mb) {
  server_.psql(
      "original",
      "CREATE TABLE huge AS SELECT i, repeat(md5(i::text), 500 * 1000 * 1000 / 32) AS text "
      "FROM generate_series(1, 2) AS i");
  const auto restore = there_and_back();
  const char* digest = "SELECT string_agg(md5(text) || length(text), ' ' ORDER BY i) FROM huge";
  EXPECT_EQ(server_.psql("copy", digest), server_.psql("original", digest));
  EXPECT_LT(restore.max_rss_kb, 4 * 1024 * 1024);
}

}  // namespace
}  // namespace pgseal
