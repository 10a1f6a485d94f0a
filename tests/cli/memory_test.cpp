// Peak memory does not grow with the database.

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pgseal
