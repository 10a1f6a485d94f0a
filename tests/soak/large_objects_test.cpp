// A hundred thousand large objects and one of a gigabyte: backed up in bounded memory, and back.

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "support/age_program.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

/// Of every object: its oid, size and content.
std::string objects_of(const test::PostgresServer& server, const std::string& database) {
  return server.psql(database,
                     "SELECT count(*), md5(string_agg(loid::text || digest, ',' ORDER BY loid)) "
                     "FROM (SELECT loid, md5(string_agg(md5(data) || length(data), '' ORDER BY "
                     "pageno)) AS digest FROM pg_largeobject GROUP BY loid) AS object");
}

TEST(LargeObjects, AHundredThousandAndOneOfAGigabyteComeBack) {
  test::PostgresServer server;
  server.create_database("files");
  server.psql("files", R"(
    SELECT count(lo_from_bytea(0, decode(repeat(md5(i::text), 1 + i % 64), 'hex')))
      FROM generate_series(1, 100000) AS i;
    DO $$
    DECLARE large oid := lo_create(0);
    BEGIN
      FOR i IN 0..1023 LOOP
        PERFORM lo_put(large, i * 1048576::bigint, decode(repeat(md5(i::text), 65536), 'hex'));
      END LOOP;
    END $$;)");
  const std::string wanted = objects_of(server, "files");
  ASSERT_EQ(wanted.substr(0, 7), "100001|");

  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  const std::string store = "file://" + (dir / "store");
  std::filesystem::create_directory(dir / "store");
  const auto backup = test::pgseal({"backup", "--dbname", server.conninfo("files"), "--recipient",
                                    key.recipient, "--store", store, "--jobs", "2"});
  ASSERT_TRUE(backup.ok()) << backup.describe();
  EXPECT_NE(backup.out.find("100001 large objects"), std::string::npos) << backup.out;
  EXPECT_LT(backup.max_rss_kb, 256 * 1024);

  const auto exported = test::pgseal(
      {"export", "latest", dir / "out", "--store", store, "--identity", key.identity_file});
  ASSERT_TRUE(exported.ok()) << exported.describe();
  server.create_database("target");
  test::run_ok({server.bin_dir() + "/pg_restore", "--exit-on-error", "--dbname",
                server.conninfo("target"), dir / "out"});
  EXPECT_EQ(objects_of(server, "target"), wanted);
  std::cout << "100001 large objects backed up with " << backup.max_rss_kb / 1024
            << " MiB of memory\n";
}

}  // namespace
}  // namespace pgseal
