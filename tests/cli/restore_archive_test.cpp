// Restoring an archive: what is refused, what is chosen, what goes wrong, how one goes on.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/sample_database.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

/// A server, keys, and a store with one signed backup of the sample and some tables more.
class RestoreArchive : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    test::load_sample(*server_, "shop");
    server_->psql("shop", R"(
      CREATE TABLE wide AS SELECT g AS id, md5(g::text) || md5((-g)::text) AS text
        FROM generate_series(1, 60000) g;
      ALTER TABLE wide ADD PRIMARY KEY (id);
      CREATE INDEX ON wide (text);
      CREATE UNLOGGED TABLE passing AS SELECT generate_series(1, 500) AS id;
      CREATE TABLE tiny (a int);
      INSERT INTO tiny VALUES (1), (2), (3);
      CREATE SCHEMA other;
      CREATE TABLE other.things AS SELECT 'x'::text AS x;)");
    dir_ = new test::TempDir();
    fs::create_directory(*dir_ / "store");
    const auto made = test::pgseal({"keygen", "--output", *dir_ / "identity"});
    const auto signer = test::pgseal({"keygen", "--signing", "--output", *dir_ / "signer"});
    if (!made.ok() || !signer.ok()) throw std::runtime_error("cannot make keys: " + made.err);
    recipient_ = made.err.substr(made.err.find("age1"), 62);
    name_ = back_up("shop");
  }
  static void TearDownTestSuite() {
    delete dir_;
    delete server_;
  }

  RestoreArchive() { server_->create_database("target"); }
  ~RestoreArchive() override {
    for (const char* database : {"target", "restored"}) {
      server_->psql("postgres",
                    std::string("DROP DATABASE IF EXISTS ") + database + " WITH (FORCE)");
    }
  }

  /// The name of a new backup in the fixed store, in small pieces.
  static std::string back_up(const std::string& database, const std::string& segment_size = "1M") {
    const auto backup =
        test::pgseal({"backup", "--dbname", server_->conninfo(database), "--store", store(),
                      "--recipient", recipient_, "--signing-key", *dir_ / "signer", "--chunk-size",
                      "64k", "--bundle-size", "256k", "--segment-size", segment_size});
    if (!backup.ok()) throw std::runtime_error(backup.describe());
    const std::string before = "backed up \"" + database + "\": " + store() + "/";
    return backup.out.substr(before.size(), backup.out.find(' ', before.size()) - before.size());
  }
  static std::string store() { return "file://" + (*dir_ / "store"); }

  /// `restore` with what most tests want, unless `more` says it otherwise.
  [[nodiscard]] static Arguments arguments(const Arguments& more = {}) {
    Arguments result{"restore", name_};
    const auto add = [&](const std::string& flag, const std::string& value) {
      if (std::find(more.begin(), more.end(), flag) == more.end()) {
        result.insert(result.end(), {flag, value});
      }
    };
    add("--store", store());
    add("--identity", *dir_ / "identity");
    add("--signer", *dir_ / "signer.pub");
    if (std::find(more.begin(), more.end(), "--to-stdout") == more.end()) {
      add("--to", server_->conninfo("target"));
    }
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }
  [[nodiscard]] static test::CommandResult restore(const Arguments& more = {}) {
    return test::pgseal(arguments(more));
  }

  static std::string ask(const std::string& sql) { return server_->psql("target", sql); }
  static std::string objects_in_target() {
    return ask("SELECT count(*) FROM pg_class WHERE oid >= 16384");
  }
  static void expect_refused(const test::CommandResult& result, int exit_code,
                             const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.describe();
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_EQ(objects_in_target(), "0");
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* dir_ = nullptr;
  static inline std::string recipient_, name_;
};

TEST_F(RestoreArchive, IntoAnEmptyDatabaseGivesTheSameOne) {
  const auto result = restore();
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out,
              testing::MatchesRegex("restored \"" + name_ +
                                    "\" into \"target\": [0-9]+ rows in [0-9]+ tables, [0-9]+ "
                                    "large objects, [0-9.]+ MiB in [0-9.]+ s\n"));
  EXPECT_THAT(result.err, AllOf(Not(HasSubstr("warning")), Not(HasSubstr("error"))));
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(RestoreArchive, OneWarningSaysThatNobodyVouches) {
  auto words = arguments({"--dry-run"});
  words.erase(std::find(words.begin(), words.end(), "--signer"),
              std::find(words.begin(), words.end(), "--signer") + 2);
  const auto result = test::pgseal(words);
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.err, HasSubstr(" warning the signature of "));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(RestoreArchive, ADryRunProvesAndDoesNothing) {
  const auto result = restore({"--dry-run"});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("can be restored into \"target\""), HasSubstr("nothing was done")));
  EXPECT_EQ(objects_in_target(), "0");
}

TEST_F(RestoreArchive, AllThatStandsInTheWayIsSaidAtOnce) {
  server_->psql("shop",
                "CREATE ROLE seller; ALTER TABLE tiny OWNER TO seller; CREATE ROLE reader; "
                "GRANT SELECT ON wide TO reader");
  const std::string name = back_up("shop");
  server_->psql("shop",
                "ALTER TABLE tiny OWNER TO postgres; REVOKE SELECT ON wide FROM reader; "
                "DROP ROLE seller; DROP ROLE reader");
  ask("CREATE TABLE there (a int)");
  const std::string bundle = *dir_ / ("store/" + name + "/data/000001.tar.age");
  fs::rename(bundle, bundle + ".away");
  Arguments words = arguments({"--dry-run"});
  words[1] = name;
  const auto damaged = test::pgseal(words);
  EXPECT_EQ(damaged.exit_code, 7) << damaged.describe();
  EXPECT_THAT(damaged.err, AllOf(HasSubstr("000001.tar.age\": the object is missing"),
                                 HasSubstr("is not empty (relation public.there)")));
  fs::rename(bundle + ".away", bundle);

  const auto result = test::pgseal(words);
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("cannot restore \"" + name + "\":"),
                    HasSubstr("  - the target has no role \"reader\", \"seller\" "),
                    HasSubstr("--no-owner"), HasSubstr("is not empty (relation public.there)")));
  words.insert(words.end(), {"--no-owner", "--no-acl", "--allow-non-empty"});
  const auto told = test::pgseal(words);
  EXPECT_TRUE(told.ok()) << told.describe();
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384"), "1");

  words.erase(std::find(words.begin(), words.end(), "--dry-run"));
  const auto restored = test::pgseal(words);
  ASSERT_TRUE(restored.ok()) << restored.describe();
  EXPECT_EQ(ask("SELECT count(*) FROM tiny"), "3");
  fs::remove_all(*dir_ / ("store/" + name));
}

TEST_F(RestoreArchive, WrongKeysAreRefused) {
  const auto other = test::pgseal({"keygen", "--output", *dir_ / "other"});
  expect_refused(restore({"--identity", *dir_ / "other"}), 6, "catalog.json.zst.age");
  const auto signer = test::pgseal({"keygen", "--signing", "--output", *dir_ / "other-signer"});
  expect_refused(restore({"--signer", *dir_ / "other-signer.pub"}), 6, "manifest.json.minisig");
  const std::string signature = *dir_ / ("store/" + name_ + "/manifest.json.minisig");
  fs::rename(signature, signature + ".away");
  expect_refused(restore(), 6, "the backup is not signed");
  fs::rename(signature + ".away", signature);
  for (const char* file : {"other", "other.pub", "other-signer", "other-signer.pub"}) {
    fs::remove(*dir_ / file);
  }
}

TEST_F(RestoreArchive, AWrongPassPhraseIsRefused) {
  const test::TempDir keys;
  const test::KeyPair pair = test::make_key_pair(keys.path(), "correct horse");
  test::write_text(keys / "phrase", "wrong horse\n");
  expect_refused(restore({"--identity", pair.private_pem, "--passphrase-file", keys / "phrase"}), 6,
                 "pass phrase");
}

TEST_F(RestoreArchive, ATerminalSeesHowFarAnIndexIs) {
  server_->create_database("restored");
  server_->psql("restored", R"(
    CREATE FUNCTION slowly(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_sleep(0.1); RETURN $1; END';
    CREATE TABLE t AS SELECT generate_series(1, 30) AS a;
    CREATE INDEX slow_one ON t (slowly(a));)");
  Arguments words = arguments();
  words[1] = back_up("restored");
  std::string script = "set timeout 60\nset stty_init {columns 100 rows 20}\nspawn";
  for (const std::string& word : test::pgseal_command(words)) script += " {" + word + "}";
  script +=
      "\nexpect {eof {} timeout {exit 99}}\nlassign [wait] pid spawnid os_error code\n"
      "exit $code";
  const auto result = test::run({"expect", "-c", script}, test::pgseal_environment({}));
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("INDEX public.slow_one: building index"));
}

TEST_F(RestoreArchive, SegmentsOfOneTableAreLoadedSideBySide) {
  server_->create_database("restored");
  server_->psql("restored",
                "CREATE TABLE large AS SELECT g AS id, repeat(md5(g::text), 10) AS text FROM "
                "generate_series(1, 60000) g");
  const std::string name = back_up("restored", "4M");
  Arguments words = arguments({"--section", "pre-data"});
  words[1] = name;
  ASSERT_TRUE(test::pgseal(words).ok());
  test::RunningCommand lock({server_->bin_dir() + "/psql", "-Xqd", server_->conninfo("target")},
                            {.input = "BEGIN; LOCK TABLE large; SELECT pg_sleep(600);"});
  const auto locks = [](const char* which) {
    return ask("SELECT count(*) FROM pg_locks WHERE relation = 'large'::regclass AND " +
               std::string(which));
  };
  ASSERT_TRUE(test::wait_until([&] { return locks("granted") == "1"; }));
  words = arguments({"--section", "data", "--jobs", "3"});
  words[1] = name;
  test::RunningCommand running(test::pgseal_command(words), test::pgseal_environment({}));
  EXPECT_TRUE(test::wait_until([&] { return locks("NOT granted") == "3"; }))
      << running.error_so_far();
  ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
      "AND pid <> pg_backend_pid()");
  lock.join();
  EXPECT_TRUE(running.join().ok());
  EXPECT_EQ(ask("SELECT count(*), count(DISTINCT id) FROM large"), "60000|60000");
}

TEST_F(RestoreArchive, BackupsAreChosenByNameOrTime) {
  Arguments words = arguments({"--dry-run"});
  for (const char* what : {"latest", "2200-01-01", "2199-12-31 23:59", "2199-12-31T23:59:00Z"}) {
    words[1] = what;
    words.insert(words.end(), {"--database", "shop"});
    const auto result = test::pgseal(words);
    EXPECT_TRUE(result.ok()) << result.describe();
    words.resize(words.size() - 2);
  }
  words[1] = "2001-01-01";
  expect_refused(test::pgseal(words), 10, "there is none until 2001-01-01T23:59:59Z");
  words[1] = "shop/20200101T000000Z-aaaaaaaa";
  expect_refused(test::pgseal(words), 10, "shop/20200101T000000Z-aaaaaaaa");
  words[1] = "yesterday";
  expect_refused(test::pgseal(words), 2, "\"yesterday\" is no backup's name");
}

TEST_F(RestoreArchive, ATargetThatCannotBeReachedIsSaid) {
  expect_refused(restore({"--to", "host=127.0.0.1 port=1 dbname=target"}), 4,
                 "cannot connect to \"target\" at \"127.0.0.1:1\"");
  expect_refused(restore({"--to", server_->conninfo("nowhere")}), 4,
                 "database \"nowhere\" does not exist");
}

TEST_F(RestoreArchive, OneTableIsReadAndRestoredAlone) {
  const auto result = restore({"--table", "tiny", "--log-format", "json"});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(ask("SELECT sum(a) FROM tiny"), "6");
  EXPECT_EQ(ask("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r' AND oid >= "
                "16384"),
            "tiny");
  const Json line = Json::parse(result.out);
  EXPECT_EQ(line.at("rows"), 3);
  EXPECT_EQ(line.at("tables"), 1);
  EXPECT_LT(line.at("bytes_read"), 1000);  // a frame of three rows
  ask("DROP TABLE tiny");
  expect_refused(restore({"--table", "tiny", "--table", "none"}), 10, "has no table \"none\"");
}

TEST_F(RestoreArchive, AWordOfWhatIsReadFromS3IsTrue) {
  test::FakeS3 s3;
  const fs::path root = *dir_ / "store";
  std::uint64_t all = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root / name_)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = test::read_text(entry.path());
    s3.add_object("p/" + fs::relative(entry.path(), root).string(), content);
    all += content.size();
  }
  const auto result =
      test::pgseal(arguments({"--store", "s3://bucket/p?region=us-east-1&endpoint=" + s3.url(),
                              "--table", "tiny"}),
                   {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(ask("SELECT sum(a) FROM tiny"), "6");
  std::uint64_t of_bundles = 0;
  for (const auto& request : s3.requests()) {
    if (request.path.find("/data/") == std::string::npos) continue;
    std::uint64_t first = 0, last = 0;
    ASSERT_EQ(std::sscanf(request.headers.at("range").c_str(), "bytes=%lu-%lu", &first, &last), 2);
    of_bundles += last - first + 1;
  }
  EXPECT_GT(of_bundles, 0u);
  EXPECT_LT(of_bundles, all / 10);
}

TEST_F(RestoreArchive, SchemasAndSectionsAreChosenAsByPgRestore) {
  const auto schema = restore({"--schema", "other"});
  ASSERT_FALSE(schema.ok());  // as with pg_restore, the schema itself is no object in it
  EXPECT_EQ(schema.exit_code, 3) << schema.describe();
  ask("CREATE SCHEMA other");
  ASSERT_TRUE(restore({"--schema", "other", "--allow-non-empty"}).ok());
  EXPECT_EQ(ask("SELECT x FROM other.things"), "x");
  ask("DROP SCHEMA other CASCADE");

  for (const char* section : {"pre-data", "data", "post-data"}) {
    const auto result = restore({"--section", section, "--allow-non-empty"});
    ASSERT_TRUE(result.ok()) << result.describe();
    EXPECT_EQ(ask("SELECT count(*) FROM wide"), section == std::string("pre-data") ? "0" : "60000");
  }
  test::expect_same_database(*server_, "shop", *server_, "target");
  const auto wrong = restore({"--section", "middle"});
  EXPECT_EQ(wrong.exit_code, 2) << wrong.describe();
}

TEST_F(RestoreArchive, CleanDropsWhatTheBackupHas) {
  ASSERT_TRUE(restore().ok());
  ask("DELETE FROM wide; ALTER TABLE tiny ADD COLUMN b int");
  const auto again = restore({"--clean"});
  ASSERT_TRUE(again.ok()) << again.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");
  ask("DROP TABLE tiny");
  const auto third = restore({"--clean", "--if-exists"});
  ASSERT_TRUE(third.ok()) << third.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");
  EXPECT_EQ(restore({"--if-exists"}).exit_code, 2);
}

TEST_F(RestoreArchive, CreateWantsNoDatabaseOfThatName) {
  const auto refused = restore({"--create", "--to", server_->conninfo("postgres")});
  expect_refused(refused, 4, "the database \"shop\" exists already");
  const std::string before = test::fingerprint(*server_, "shop");
  // With --clean it is dropped first, but not while somebody is there.
  test::RunningCommand somebody({server_->bin_dir() + "/psql", "-Xqd", server_->conninfo("shop")},
                                {.input = "SELECT pg_sleep(600);"});
  ASSERT_TRUE(test::wait_until([] {
    return ask("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND state = "
               "'active'") == "1";
  }));
  const auto in_use = restore({"--create", "--clean", "--to", server_->conninfo("postgres")});
  EXPECT_EQ(in_use.exit_code, 4) << in_use.describe();
  EXPECT_THAT(in_use.err, AllOf(HasSubstr("could not make the database \"shop\" anew"),
                                HasSubstr("is being accessed by other users")));
  EXPECT_EQ(test::fingerprint(*server_, "shop"), before);
  ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'");
  somebody.join();
}

TEST_F(RestoreArchive, CreateMakesTheDatabase) {
  server_->psql("postgres", "ALTER DATABASE shop RENAME TO away");
  const auto result = restore({"--create", "--to", server_->conninfo("postgres")});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("into \"shop\": "));
  test::expect_same_database(*server_, "away", *server_, "shop");
  server_->psql("postgres", "DROP DATABASE shop");
  server_->psql("postgres", "ALTER DATABASE away RENAME TO shop");
}

TEST_F(RestoreArchive, ErrorsAreNamedCountedAndNotTheEnd) {
  server_->create_database("restored");
  server_->psql("restored", R"(
    ALTER DATABASE restored SET my.mode = 'original';)");
  server_->psql("restored", R"(
    CREATE TABLE good AS SELECT generate_series(1, 1000) AS a;
    CREATE TABLE picky (a int CHECK (coalesce(current_setting('my.mode', true), '') = 'original'));
    INSERT INTO picky VALUES (1);
    CREATE FUNCTION differs(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
      'BEGIN RETURN CASE current_setting(''my.mode'', true) WHEN ''original'' THEN $1 ELSE 0 END;
       END';
    CREATE UNIQUE INDEX not_there ON good (differs(a));)");
  const std::string name = back_up("restored");
  Arguments words = arguments();
  words[1] = name;
  const auto result = test::pgseal(words);
  EXPECT_EQ(result.exit_code, 3) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("; errors: 2\n"));
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(" error TABLE DATA public.picky: ERROR:  new row for relation "
                              "\"picky\" violates check constraint"),
                    HasSubstr(" error INDEX public.not_there: ERROR:  could not create unique")));
  EXPECT_EQ(ask("SELECT count(*) FROM good"), "1000");
  EXPECT_EQ(ask("SELECT count(*) FROM picky"), "0");
  EXPECT_EQ(ask("SELECT to_regnamespace('pgseal_restore') IS NULL"), "t");

  server_->psql("postgres", "DROP DATABASE target");
  server_->create_database("target");
  words.emplace_back("--exit-on-error");
  const auto stopped = test::pgseal(words);
  EXPECT_EQ(stopped.exit_code, 4) << stopped.describe();
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("TABLE DATA public.picky: "),
                                 HasSubstr("hint: the same command with --resume")));
  EXPECT_EQ(ask("SELECT to_regclass('not_there') IS NULL"), "t");
}

TEST_F(RestoreArchive, WhatAManagedServerRefusesIsLeftOutAndTheRestIsNamed) {
  server_->create_database("restored");
  server_->psql("restored", R"(
    CREATE EXTENSION pg_trgm;
    COMMENT ON EXTENSION pg_trgm IS 'a comment of ours';
    CREATE TABLE t AS SELECT 1 AS a;
    CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER everything ON sql_drop EXECUTE FUNCTION f();)");
  const std::string name = back_up("restored");
  server_->psql("postgres", "CREATE ROLE owner LOGIN; ALTER DATABASE target OWNER TO owner");
  ask("CREATE EXTENSION pg_trgm; GRANT ALL ON SCHEMA public TO owner");
  Arguments words = arguments(
      {"--no-owner", "--allow-non-empty", "--to",
       "host=127.0.0.1 port=" + std::to_string(server_->port()) + " user=owner dbname=target"});
  words[1] = name;
  const auto result = test::pgseal(words);
  EXPECT_EQ(result.exit_code, 3) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("; 1 left out; errors: 1\n"));
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(" info left out COMMENT EXTENSION pg_trgm "),
                    HasSubstr("the server's provider owns the extension and its comment"),
                    HasSubstr(" error EVENT TRIGGER everything "),
                    HasSubstr("permission denied to create event trigger")));
  EXPECT_EQ(ask("SELECT a FROM t"), "1");
  EXPECT_EQ(ask("SELECT to_regnamespace('pgseal_restore') IS NULL"), "t");
  server_->psql("postgres", "DROP DATABASE target");
  server_->psql("postgres", "DROP ROLE owner");
  server_->create_database("target");
}

TEST_F(RestoreArchive, EventTriggersDoNotSeeHowItIsDone) {
  server_->create_database("restored");
  server_->psql("restored", R"(
    CREATE TABLE t (a int PRIMARY KEY);
    CREATE FUNCTION never() RETURNS event_trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'nobody drops anything'; END $$;
    CREATE EVENT TRIGGER never ON sql_drop EXECUTE FUNCTION never();
    COMMENT ON EVENT TRIGGER never IS 'a comment';)");
  Arguments words = arguments();
  words[1] = back_up("restored");
  const auto result = test::pgseal(words);
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(ask("SELECT obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger"),
            "a comment");
}

TEST_F(RestoreArchive, NamesLikeOurOwnAreNothingSpecial) {
  server_->create_database("restored");
  server_->psql("restored", R"(
    CREATE TABLE "DATABASE x" AS SELECT 1 AS a;
    COMMENT ON TABLE "DATABASE x" IS 'a table';
    CREATE TABLE "EVENT TRIGGER x" AS SELECT 2 AS a;
    CREATE SCHEMA pgseal_restore;
    CREATE TABLE pgseal_restore.loaded AS SELECT 3 AS a;)");
  Arguments words = arguments();
  words[1] = back_up("restored");
  const auto result = test::pgseal(words);
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(ask("SELECT a FROM \"DATABASE x\" UNION ALL SELECT a FROM \"EVENT TRIGGER x\""),
            "1\n2");
  EXPECT_EQ(ask("SELECT obj_description('\"DATABASE x\"'::regclass)"), "a table");
  EXPECT_EQ(ask("SELECT to_regnamespace('pgseal_restore') IS NULL"), "t");
}

TEST_F(RestoreArchive, RolesAndTablespacesAreTakenAsAsked) {
  const test::TempDir space;
  test::run_ok({"chown", "postgres", space.path()});
  server_->psql("postgres", "CREATE TABLESPACE space LOCATION '" + space.path() + "'");
  server_->create_database("restored");
  server_->psql(
      "restored",
      "CREATE TABLE t (a int) TABLESPACE space; CREATE INDEX i ON t (a) TABLESPACE space");
  Arguments words = arguments({"--no-tablespaces", "--no-owner", "--role", "other"});
  words[1] = back_up("restored");
  server_->psql("postgres", "DROP DATABASE restored");
  server_->psql("postgres", "DROP TABLESPACE space");
  Arguments without = words;
  without.erase(std::find(without.begin(), without.end(), "--no-tablespaces"));
  expect_refused(test::pgseal(without), 4, "the target has no tablespace \"space\"");
  expect_refused(test::pgseal(words), 4, "the target has no role \"other\"");
  server_->psql("postgres", "CREATE ROLE other; GRANT CREATE ON DATABASE target TO other");
  ask("GRANT ALL ON SCHEMA public TO other");
  const auto result = test::pgseal(words);
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(ask("SELECT DISTINCT rolname FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE "
                "relname IN ('t', 'i')"),
            "other");
  server_->psql("postgres", "DROP DATABASE target");
  server_->psql("postgres", "DROP ROLE other");
  server_->create_database("target");
}

TEST_F(RestoreArchive, AScriptThatNobodyReadsIsNoMoreWritten) {
  std::string command;
  for (const std::string& word : test::pgseal_command(arguments({"--to-stdout"}))) {
    command += test::shell_quoted(word) + " ";
  }
  const auto result =
      test::run({"bash", "-c", command + "| head -c 1000"}, test::pgseal_environment({}));
  EXPECT_EQ(result.out.size(), 1000u);
}

TEST_F(RestoreArchive, ARestrictedUserRestoresWithoutState) {
  server_->psql("postgres", "CREATE ROLE small LOGIN");
  ASSERT_TRUE(restore({"--section", "pre-data"}).ok());
  ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO small");
  const auto result = restore(
      {"--section", "data", "--table", "tiny", "--no-owner", "--to",
       "host=127.0.0.1 port=" + std::to_string(server_->port()) + " user=small dbname=target"});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("--resume will not be possible"));
  EXPECT_EQ(ask("SELECT count(*) FROM tiny"), "3");
  ask("DROP OWNED BY small");
  server_->psql("postgres", "DROP ROLE small");
}

TEST_F(RestoreArchive, ADamagedChunkIsNamedAndItsRowsAreNotThere) {
  const test::TempDir copy;
  fs::copy(*dir_ / "store", copy / "store", fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(copy / ("store/" + name_ + "/data"))) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-40, std::ios::end);  // within the last chunk of the age file
    file.put('\x01');
  }
  const auto result = restore({"--store", "file://" + (copy / "store")});
  EXPECT_EQ(result.exit_code, 7) << result.describe();
  EXPECT_THAT(result.err, AllOf(HasSubstr("/data/0"), HasSubstr("cannot read \"file://"),
                                HasSubstr("hint: the same command with --resume")));
  // What was loaded is whole: the backup in the fixed store is the same one, undamaged.
  const auto resumed = restore({"--resume"});
  ASSERT_TRUE(resumed.ok()) << resumed.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(RestoreArchive, ACutDownloadGoesOn) {
  test::FakeS3::Options options;
  std::atomic<int> cuts{0};
  options.cut_body_after = [&](const test::HttpRequest& request) -> std::optional<std::uint64_t> {
    const bool is_data = request.path.find("/data/") != std::string::npos;
    return is_data && cuts++ % 3 == 0 ? std::optional<std::uint64_t>(2000) : std::nullopt;
  };
  test::FakeS3 s3(options);
  const fs::path root = *dir_ / "store";
  for (const auto& entry : fs::recursive_directory_iterator(root / name_)) {
    if (!entry.is_regular_file()) continue;
    s3.add_object("p/" + fs::relative(entry.path(), root).string(), test::read_text(entry.path()));
  }
  const auto result =
      test::pgseal(arguments({"--store", "s3://bucket/p?region=us-east-1&endpoint=" + s3.url()}),
                   {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_GT(cuts, 3);
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(RestoreArchive, AFullDiskStopsItAndSaysHowToGoOn) {
  PGSEAL_SKIP_BECAUSE(::geteuid() == 0 ? "" : "mounting a small tmpfs needs root");
  const test::TempDir dir;
  ASSERT_EQ(::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=12m,mode=0777"), 0);
  test::run_ok({"chown", "postgres", dir.path()});
  server_->psql("postgres", "CREATE TABLESPACE small LOCATION '" + dir.path() + "'");
  server_->psql("postgres", "CREATE DATABASE restored TABLESPACE small");
  const auto result = restore({"--to", server_->conninfo("restored")});
  server_->psql("postgres", "DROP DATABASE restored");
  server_->psql("postgres", "DROP TABLESPACE small");
  EXPECT_EQ(::umount(dir.path().c_str()), 0);
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, AllOf(HasSubstr("No space left on device"), HasSubstr("hint: ")));
}

TEST_F(RestoreArchive, TheScriptIsWhatPgRestoreWrites) {
  const auto script = restore({"--to-stdout"});
  ASSERT_TRUE(script.ok()) << script.err;
  const test::TempDir out;
  const auto exported =
      test::pgseal({"export", name_, out / "dump", "--plain", "--store", store(), "--identity",
                    *dir_ / "identity", "--signer", *dir_ / "signer.pub"});
  ASSERT_TRUE(exported.ok()) << exported.describe();
  std::string expected =
      test::run_ok({server_->bin_dir() + "/pg_restore", "--file=-", out / "dump"});
  std::string found = script.out;
  // Each run has a key of its own.
  for (std::string* text : {&expected, &found}) {
    for (const char* word : {"\\restrict ", "\\unrestrict "}) {
      const std::size_t at = text->find(word);
      if (at != std::string::npos) text->erase(at, text->find('\n', at) - at);
    }
  }
  EXPECT_TRUE(found == expected) << found.size() << " and " << expected.size() << " bytes";
  const auto psql = test::run(
      {server_->bin_dir() + "/psql", "-Xqd", server_->conninfo("target"), "--set=ON_ERROR_STOP=1"},
      {.input = script.out});
  ASSERT_TRUE(psql.ok()) << psql.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");

  const auto one = restore({"--to-stdout", "--table", "tiny"});
  EXPECT_THAT(one.out, AllOf(HasSubstr("COPY public.tiny (a) FROM stdin;\n1\n2\n3\n\\.\n"),
                             Not(HasSubstr("public.wide"))));
  EXPECT_EQ(restore({"--to-stdout", "--table", "none"}).exit_code, 10);
  EXPECT_EQ(restore({"--to-stdout", "--to", "dbname=x"}).exit_code, 2);
}

/// A restore that hangs on a table that somebody else has locked.
class InterruptedRestore : public RestoreArchive {
 protected:
  InterruptedRestore() {
    const auto made = restore({"--section", "pre-data"});
    if (!made.ok()) throw std::runtime_error(made.describe());
    lock_ = std::make_unique<test::RunningCommand>(
        Arguments{server_->bin_dir() + "/psql", "-Xqd", server_->conninfo("target")},
        test::CommandOptions{.input = "BEGIN; LOCK TABLE tiny; SELECT pg_sleep(600);"});
    EXPECT_TRUE(test::wait_until([] {
      return ask("SELECT count(*) FROM pg_locks WHERE relation = 'tiny'::regclass AND granted") ==
             "1";
    }));
    running_ = std::make_unique<test::RunningCommand>(test::pgseal_command(arguments(kData)),
                                                      test::pgseal_environment({}));
    EXPECT_TRUE(test::wait_until([] {
      return ask("SELECT to_regclass('pgseal_restore.loaded') IS NOT NULL") == "t" &&
             ask("SELECT count(*) FROM pgseal_restore.loaded") != "0" &&
             ask("SELECT count(*) FROM pg_locks WHERE relation = 'tiny'::regclass AND NOT "
                 "granted") == "1" &&
             ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgseal' AND "
                 "state = 'active'") == "1";
    })) << running_->error_so_far();
  }

  void unlock() {
    ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
        "AND pid <> pg_backend_pid()");
    lock_->join();
  }

  static void expect_whole() {
    test::expect_same_database(*server_, "shop", *server_, "target");
    EXPECT_EQ(ask("SELECT to_regnamespace('pgseal_restore') IS NULL"), "t");
  }

  static inline const Arguments kData{"--section",         "data",   "--section", "post-data",
                                      "--allow-non-empty", "--jobs", "2"};
  static Arguments resuming() {
    Arguments words = kData;
    words.emplace_back("--resume");
    return words;
  }

  std::unique_ptr<test::RunningCommand> lock_, running_;
};

TEST_F(InterruptedRestore, SaysHowToGoOnAndGoesOn) {
  running_->send_signal(SIGTERM);
  const auto stopped = running_->join();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.describe();
  EXPECT_THAT(stopped.err, HasSubstr("hint: the same command with --resume goes on"));
  unlock();
  const std::string loaded = ask("SELECT count(*) FROM wide");
  EXPECT_EQ(loaded, "60000");  // in several segments

  const auto refused = restore(kData);
  EXPECT_EQ(refused.exit_code, 4) << refused.describe();
  EXPECT_THAT(refused.err, AllOf(HasSubstr("was interrupted"), HasSubstr("--resume goes on")));
  const auto other = restore({"--resume", "--section", "data"});
  EXPECT_EQ(other.exit_code, 4) << other.describe();
  EXPECT_THAT(other.err, HasSubstr("cannot resume: the interrupted restore was told "));

  Arguments words = resuming();
  words.insert(words.end(), {"--log-format", "json"});
  const auto resumed = restore(words);
  ASSERT_TRUE(resumed.ok()) << resumed.describe();
  EXPECT_LT(Json::parse(resumed.out).at("rows"), 60000);  // what was loaded is not loaded again
  expect_whole();
}

TEST_F(InterruptedRestore, GoesOnWhenIndexesWereBuilt) {
  // All but one step of post-data is done: that one waits for a table that somebody reads.
  running_->send_signal(SIGKILL);
  running_->join();
  unlock();
  test::RunningCommand reader(
      {server_->bin_dir() + "/psql", "-Xqd", server_->conninfo("target")},
      {.input = "BEGIN; LOCK TABLE wide IN ACCESS SHARE MODE; SELECT pg_sleep(600);"});
  ASSERT_TRUE(test::wait_until([] {
    return ask("SELECT count(*) FROM pg_locks WHERE relation = 'wide'::regclass AND granted") ==
           "1";
  }));
  test::RunningCommand second(test::pgseal_command(arguments(resuming())),
                              test::pgseal_environment({}));
  ASSERT_TRUE(test::wait_until([] {
    return ask("SELECT count(*) FROM pg_locks WHERE relation = 'wide'::regclass AND NOT granted") ==
               "1" &&
           ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgseal' AND state "
               "= "
               "'active'") == "1" &&
           ask("SELECT count(*) FROM pgseal_restore.built") != "0";
  })) << second.error_so_far();
  const std::string indexes =
      ask("SELECT string_agg(oid::text, ',') FROM pg_class WHERE relkind = 'i' AND relnamespace = "
          "'public'::regnamespace");
  ASSERT_NE(indexes, "");
  second.send_signal(SIGTERM);
  EXPECT_EQ(second.join().exit_code, 130);
  ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
      "AND pid <> pg_backend_pid()");
  reader.join();
  const auto resumed = restore(resuming());
  ASSERT_TRUE(resumed.ok()) << resumed.describe();
  EXPECT_EQ(ask("SELECT count(*) = array_length('{" + indexes +
                "}'::oid[], 1) FROM pg_class WHERE oid = ANY ('{" + indexes + "}')"),
            "t");
  expect_whole();
}

TEST_F(InterruptedRestore, GoesOnAfterAKill) {
  running_->send_signal(SIGKILL);
  running_->join();
  unlock();
  const auto resumed = restore(resuming());
  ASSERT_TRUE(resumed.ok()) << resumed.describe();
  expect_whole();
}

TEST_F(InterruptedRestore, ConnectsAgainWhenAConnectionIsLost) {
  ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgseal'");
  ASSERT_TRUE(running_->wait_for_error_text("; connecting again"));
  unlock();
  const auto result = running_->join();
  ASSERT_TRUE(result.ok()) << result.describe();
  expect_whole();
}

TEST_F(RestoreArchive, NothingIsThereToResume) {
  expect_refused(restore({"--resume"}), 4, "no restore was interrupted there");
  EXPECT_EQ(restore({"--resume", "--to-stdout"}).exit_code, 2);
}

// The last one, since a crash empties the original's unlogged tables too.
TEST_F(InterruptedRestore, LoadsUnloggedTablesAgainThatACrashEmptied) {
  running_->send_signal(SIGKILL);
  running_->join();
  const std::string before = test::fingerprint(*server_, "shop");
  server_->kill_hard();
  lock_->join();
  server_->start();
  EXPECT_EQ(ask("SELECT count(*) FROM passing"), "0");
  const auto resumed = restore(resuming());
  ASSERT_TRUE(resumed.ok()) << resumed.describe();
  EXPECT_EQ(test::fingerprint(*server_, "target"), before);
}

}  // namespace
}  // namespace pgseal
