// Restoring into a server that asks for IAM tokens, which count for a moment only.

#include <gtest/gtest.h>

#include <set>

#include "support/age_program.h"
#include "support/iam_postgres.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

TEST(RestoreOverIam, OutlivesItsTokens) {
  PGSEAL_SKIP_BECAUSE(test::why_no_iam_postgres());
  test::IamPostgres postgres;
  // An index that takes longer to build than a token counts, and what comes after it.
  postgres.server().psql("postgres", "CREATE DATABASE slow OWNER app");
  postgres.server().psql("slow", R"(
    GRANT ALL ON SCHEMA public TO app;
    SET ROLE app;
    CREATE FUNCTION slowly(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_sleep(2); RETURN $1; END';
    CREATE TABLE t AS SELECT generate_series(1, 2) AS a;
    CREATE INDEX slow_one ON t (slowly(a));
    COMMENT ON INDEX slow_one IS 'a comment';
    CREATE VIEW later AS SELECT * FROM t;)");
  postgres.server().psql("postgres", "CREATE DATABASE target OWNER app");
  postgres.server().psql("target", "GRANT ALL ON SCHEMA public TO app");
  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  const test::Variables variables{
      {"REGION", postgres.region()},
      {"PGSEAL_STORE", "file://" + dir.path()},
      {"PGSSLROOTCERT", postgres.ca_pem()},
      {"AWS_ACCESS_KEY_ID", test::IamPostgres::long_lived_key().id},
      {"AWS_SECRET_ACCESS_KEY", test::IamPostgres::long_lived_key().secret}};
  const std::string server =
      "host=" + postgres.host() + " port=" + std::to_string(postgres.port()) + " user=app dbname=";
  const auto backup = test::pgseal(
      {"backup", "--dbname", server + "slow", "--recipient", key.recipient, "--format", "archive"},
      variables);
  ASSERT_TRUE(backup.ok()) << backup.describe();

  const std::size_t before = postgres.accepted().size();
  postgres.set_token_life(std::chrono::seconds(3));
  const auto restore = test::pgseal(
      {"restore", "--identity", key.identity_file, "--to", server + "target", "--jobs", "1"},
      variables);
  ASSERT_TRUE(restore.ok()) << restore.describe();
  EXPECT_EQ(postgres.server().psql("target", "SELECT obj_description('slow_one'::regclass)"),
            "a comment");
  EXPECT_EQ(postgres.server().psql("target", "SELECT count(*) FROM later"), "2");
  const std::vector<std::string> accepted = postgres.accepted();
  EXPECT_GT(accepted.size(), before + 4);
  EXPECT_TRUE(postgres.refused().empty());
}

}  // namespace
}  // namespace pgseal
