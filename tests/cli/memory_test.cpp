// Peak memory does not grow with the database.

#include <gtest/gtest.h>

#include "support/age_program.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

TEST(Memory, OfABackupOf3GbStaysBelow200Mb) {
  // Rows that the server stores small and pg_dump writes large.
  test::PostgresServer server;
  server.create_database("app");
  server.psql("app",
              "CREATE TABLE wide AS SELECT g, repeat('x', 1000000) AS text "
              "FROM generate_series(1, 3000) g");
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path());
  test::FakeS3 s3({.keep_content = false});
  const auto result = test::pgseal({"backup"}, {{"POSTGRES_DATABASE", "app"},
                                                {"POSTGRES_HOST", "127.0.0.1"},
                                                {"POSTGRES_PORT", std::to_string(server.port())},
                                                {"POSTGRES_USER", "postgres"},
                                                {"S3_BUCKET", "bucket"},
                                                {"S3_REGION", "eu-west-1"},
                                                {"OPENSSL_PUBLIC_KEY", keys.public_pem},
                                                {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                                                {"AWS_SECRET_ACCESS_KEY", "SECRETEXAMPLE"},
                                                {"AWS_ENDPOINT_URL_S3", s3.url()}});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_NE(result.out.find("2.8 GiB of SQL"), std::string::npos) << result.out;
  // The largest of pgseal and pg_dump.
  EXPECT_LT(result.max_rss_kb, 200 * 1024);
  RecordProperty("peak_rss_kb", std::to_string(result.max_rss_kb));
}

TEST(Memory, OfARestoreDoesNotGrowWhereTheServerIsSlow) {
  test::PostgresServer server;
  server.create_database("app");
  // Half of it is left when compressed.
  server.psql("app",
              "CREATE TABLE wide AS SELECT g, (SELECT string_agg(md5((g * 10000 + i)::text), '') "
              "FROM generate_series(1, 10000) i) AS text FROM generate_series(1, 1200) g");
  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  const auto backup = test::pgseal({"backup", "--dbname", server.conninfo("app"), "--recipient",
                                    key.recipient, "--store", "file://" + dir.path()});
  ASSERT_TRUE(backup.ok()) << backup.describe();
  server.create_database("copy");
  const auto restore = [&](const char* section) {
    return test::pgseal({"restore", "--identity", key.identity_file, "--store",
                         "file://" + dir.path(), "--to", server.conninfo("copy"), "--jobs", "2",
                         "--section", section});
  };
  ASSERT_TRUE(restore("pre-data").ok());
  // 366 MB at some 60 MB a second, where the store gives them in one.
  server.psql("copy", R"(
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';
    CREATE TRIGGER slow BEFORE INSERT ON wide FOR EACH ROW EXECUTE FUNCTION slow();)");
  const auto data = restore("data");
  ASSERT_TRUE(data.ok()) << data.describe();
  EXPECT_EQ(server.psql("copy", "SELECT count(*) FROM wide"), "1200");
  EXPECT_LT(data.max_rss_kb, 128 * 1024);
  RecordProperty("peak_rss_kb", std::to_string(data.max_rss_kb));
}

}  // namespace
}  // namespace pgseal
