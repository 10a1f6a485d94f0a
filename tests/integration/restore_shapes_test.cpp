// Databases of odd shapes, and targets that differ from where the backup was made.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/archive_case.h"
#include "support/every_kind.h"
#include "support/requirement.h"

namespace pgseal {
namespace {

using testing::HasSubstr;

class RestoreShapes : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new test::PostgresServer(); }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  engine::ArchiveRestoreReport restore(const std::string& name, const std::string& database) {
    return case_.restore(name, test::ArchiveCase::restore_options(*server_, database));
  }

  static inline test::PostgresServer* server_ = nullptr;
  test::ArchiveCase case_;
};

TEST_F(RestoreShapes, AHundredPartitionsWithForeignKeysBothWays) {
  server_->create_database("parts");
  server_->psql("parts", R"(
    CREATE TABLE kind (id int PRIMARY KEY, name text UNIQUE);
    INSERT INTO kind SELECT i, 'kind ' || i FROM generate_series(1, 10) i;
    CREATE TABLE event (id int, at date, kind int REFERENCES kind, text text, PRIMARY KEY (id, at))
      PARTITION BY RANGE (at);
    DO $$ BEGIN FOR i IN 0..99 LOOP
      EXECUTE format('CREATE TABLE event_%s PARTITION OF event FOR VALUES FROM (%L) TO (%L)', i,
                     date '2020-01-01' + 10 * i, date '2020-01-01' + 10 * (i + 1));
    END LOOP; END $$;
    INSERT INTO event SELECT i, date '2020-01-01' + i % 1000, 1 + i % 10, md5(i::text)
      FROM generate_series(1, 30000) i;
    CREATE INDEX ON event (text);
    CREATE TABLE note (event int, at date, FOREIGN KEY (event, at) REFERENCES event);
    INSERT INTO note SELECT id, at FROM event LIMIT 500;
    ALTER TABLE kind ADD favourite int, ADD day date,
      ADD FOREIGN KEY (favourite, day) REFERENCES event;)");
  server_->create_database("copy");
  const auto report = restore(case_.backup(*server_, "parts").name, "copy");
  EXPECT_EQ(report.error_count, 0u);
  test::expect_equal_dumps(*server_, "parts", *server_, "copy", test::RowOrder::any);
}

TEST_F(RestoreShapes, ATargetOfAnotherEncodingAndLocale) {
  server_->create_database("unicode");
  server_->psql("unicode",
                "CREATE TABLE words (a text PRIMARY KEY); INSERT INTO words VALUES ('Größe'), "
                "('déjà vu'), ('plain'); COMMENT ON TABLE words IS 'Wörter'; "
                "SELECT lo_from_bytea(0, '\\xc3')");
  const std::string name = case_.backup(*server_, "unicode").name;
  server_->psql(
      "postgres",
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE "
      "'C'");
  EXPECT_EQ(restore(name, "latin").error_count, 0u);
  EXPECT_EQ(server_->psql("latin", "SELECT sum(octet_length(a)) FROM words"), "17");
  const auto in_utf8 = [&](const char* database) {
    return test::run_ok({server_->bin_dir() + "/pg_dump", "--encoding=UTF8", "--restrict-key=same",
                         "--dbname=" + server_->conninfo(database)});
  };
  EXPECT_EQ(in_utf8("latin"), in_utf8("unicode"));

  // What the target's encoding has not is an error of that table alone.
  server_->psql("unicode", "CREATE TABLE more AS SELECT '\xe2\x82\xac'::text AS euro");
  const std::string with_euro = case_.backup(*server_, "unicode").name;
  server_->psql("postgres",
                "CREATE DATABASE latin_again TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' "
                "LC_CTYPE 'C'");
  const auto report = restore(with_euro, "latin_again");
  ASSERT_EQ(report.error_count, 1u);
  EXPECT_EQ(report.errors[0].entry, "TABLE DATA public.more");
  EXPECT_THAT(report.errors[0].text, HasSubstr("has no equivalent in encoding \"LATIN1\""));
  EXPECT_EQ(server_->psql("latin_again", "SELECT count(*) FROM words"), "3");
}

TEST_F(RestoreShapes, RolesThatAreNotThereAreNotNeededWithoutOwners) {
  server_->create_database("owned");
  server_->psql(
      "owned",
      "CREATE ROLE \"odd \"\" role\"; CREATE ROLE plain; CREATE TABLE t AS SELECT 1 AS a; "
      "ALTER TABLE t OWNER TO plain; GRANT SELECT ON t TO \"odd \"\" role\"; "
      "ALTER DEFAULT PRIVILEGES FOR ROLE plain GRANT SELECT ON TABLES TO \"odd \"\" "
      "role\"");
  const std::string name = case_.backup(*server_, "owned").name;
  server_->psql("postgres", "DROP DATABASE owned");
  server_->psql("postgres", "DROP ROLE plain");
  server_->psql("postgres", "DROP ROLE \"odd \"\" role\"");
  server_->create_database("owned_copy");
  auto options = test::ArchiveCase::restore_options(*server_, "owned_copy");
  try {
    std::ignore = case_.restore(name, options);
    ADD_FAILURE() << "restored without roles";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the target has no role \"odd \" role\", \"plain\"");
    EXPECT_THAT(error.hint(), HasSubstr("--no-owner"));
  }
  options.pg_restore.no_owner = options.pg_restore.no_acl = true;
  EXPECT_EQ(case_.restore(name, options).error_count, 0u);
  EXPECT_EQ(server_->psql("owned_copy", "SELECT tableowner FROM pg_tables WHERE tablename = 't'"),
            "postgres");
}

TEST_F(RestoreShapes, AnExtensionThatTheTargetLacksIsNamed) {
  const test::PostgresServer original(test::every_kind_options(0));
  test::load_every_kind(original, "every_kind");
  const std::string name = case_.backup(original, "every_kind").name;
  server_->create_database("no_extension");
  auto options = test::ArchiveCase::restore_options(*server_, "no_extension");
  options.pg_restore.no_owner = options.pg_restore.no_acl = true;
  options.pg_restore.no_tablespaces = true;
  options.dry_run = true;
  try {
    std::ignore = case_.restore(name, options);
    ADD_FAILURE() << "would restore without the extension";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("the target has no extension \""));
  }
}

TEST_F(RestoreShapes, AnOlderServerIsRefusedUnlessTold) {
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(17));
  test::PostgresServer::Options newer;
  newer.version = 17;
  const test::PostgresServer original(newer);
  original.create_database("shop");
  original.psql("shop", "CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
  auto backup = case_.options(original.conninfo("shop"));
  backup.program_path = original.bin_dir() + ":" + backup.program_path;
  const std::string name = case_.backup(backup).name;
  if (server_->version() >= 17) GTEST_SKIP() << "this machine's server is not older";
  server_->create_database("older");
  auto options = test::ArchiveCase::restore_options(*server_, "older");
  options.program_path = backup.program_path;
  try {
    std::ignore = case_.restore(name, options);
    ADD_FAILURE() << "restored into an older server";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("older than the backup's"));
    EXPECT_THAT(error.hint(), HasSubstr("--force-version"));
  }
  options.force_version = true;
  const auto report = case_.restore(name, options);
  EXPECT_EQ(report.error_count, 0u);  // of what the older one does not know, nothing matters
  EXPECT_FALSE(report.left_out.empty());
  EXPECT_EQ(server_->psql("older", "SELECT count(*) FROM t"), "10");
}

}  // namespace
}  // namespace pgseal
