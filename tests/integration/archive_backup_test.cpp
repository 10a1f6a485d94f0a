// Archive backups of a real server, restored by stock pg_restore.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/archive_case.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

using testing::HasSubstr;

class ArchiveBackup : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    test::load_sample(*server_, "sample");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static test::PostgresServer* server_;
  test::ArchiveCase case_;
};

test::PostgresServer* ArchiveBackup::server_ = nullptr;

TEST_F(ArchiveBackup, StockPgRestoreRestoresTheExport) {
  const auto report = case_.backup(*server_, "sample");
  EXPECT_GT(report.tables, 0u);
  test::stock_restore(*server_, case_.export_to(case_.directory() / "out", report.name), "copy");
  test::expect_same_database(*server_, "sample", *server_, "copy");
}

TEST_F(ArchiveBackup, ALargeTableIsManySegmentsAndNoRowIsLost) {
  server_->create_database("large");
  server_->psql("large", R"(
    CREATE TABLE big (id bigint PRIMARY KEY, text text);
    INSERT INTO big SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 60000) i;
    DELETE FROM big WHERE id % 7 = 0; UPDATE big SET text = text || 'x' WHERE id % 5 = 0;
    CREATE TABLE small (); INSERT INTO small DEFAULT VALUES; INSERT INTO small DEFAULT VALUES;)");
  const auto report = case_.backup(*server_, "large");
  EXPECT_GT(report.segments, 8u);
  EXPECT_EQ(std::to_string(report.rows - 2), server_->psql("large", "SELECT count(*) FROM big"));
  const auto reader = case_.open(report.name);
  std::size_t chunks = 0;
  for (const auto& table : reader->catalog().tables) {
    for (const auto& segment : table.segments) chunks += segment.chunks.size();
  }
  EXPECT_GT(chunks, 80u);
  test::stock_restore(*server_, case_.export_to(case_.directory() / "out", report.name),
                      "large_copy");
  test::expect_same_database(*server_, "large", *server_, "large_copy");
}

}  // namespace
}  // namespace pgseal
