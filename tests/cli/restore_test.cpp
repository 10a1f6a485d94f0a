// Reading a backup back: what is refused, what is proved first, what is said.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "base/json.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/sample_database.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// A server with a sample, and one backup of it in a directory, to be copied and damaged.
class Restore : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    test::load_sample(*server_, "shop");
    fixed_ = new test::TempDir();
    keys_ = test::make_key_pair(fixed_->path(), "correct horse");
    test::write_text(*fixed_ / "phrase", "correct horse\n");
    fs::create_directory(*fixed_ / "store");
    const auto backup = back_up(*fixed_ / "store");
    ASSERT_TRUE(backup.ok()) << backup.describe();
    const auto listing =
        test::pgseal({"list", "--json", "--store", "file://" + (*fixed_ / "store")});
    name_ = Json::parse(listing.out).at(0).at("backup").get<std::string>();
  }
  static void TearDownTestSuite() {
    delete server_;
    delete fixed_;
  }

  Restore() {
    fs::copy(*fixed_ / "store", store_.path(), fs::copy_options::recursive);
    server_->create_database("target");
  }
  ~Restore() override { server_->psql("postgres", "DROP DATABASE target WITH (FORCE)"); }

  static test::CommandResult back_up(const std::string& store,
                                     const std::string& database = "shop") {
    return test::pgseal({"backup", "--format", "classic", "--dbname", server_->conninfo(database),
                         "--store", "file://" + store, "--public-key", keys_.public_pem});
  }

  /// `restore` with what most tests want, unless `more` says it otherwise.
  [[nodiscard]] test::CommandResult restore(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"restore"};
    const auto add = [&](const std::string& flag, const std::string& value) {
      if (std::find(more.begin(), more.end(), flag) != more.end()) return;
      arguments.insert(arguments.end(), {flag, value});
    };
    add("--store", url());
    add("--identity", keys_.private_pem);
    add("--to", server_->conninfo("target"));
    add("--passphrase-file", *fixed_ / "phrase");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::pgseal(arguments);
  }

  void expect_refused(const test::CommandResult& result, int exit_code, const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.describe();
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_EQ(tables_in_target(), "0");
  }

  static std::string tables_in_target() {
    return server_->psql(
        "target",
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'");
  }

  /// The pipe of the old image, with the stock programs, on what `dump` writes.
  static test::CommandResult run_old_image(const std::string& directory, const std::string& dump) {
    return test::sh(
        "cd " + directory +
        " && openssl rand -base64 128 > key.txt && openssl rsautl -encrypt -inkey " +
        keys_.public_pem +
        " -pubin -in key.txt -out shop_2020-01-01T00:00:00Z.key.txt.enc 2>/dev/null && " + dump +
        " | bzip2 | openssl enc -aes-256-cbc -salt -md sha256 -pass file:./key.txt "
        "2>/dev/null > shop_2020-01-01T00:00:00Z.sql.bz.enc");
  }

  [[nodiscard]] std::string url() const { return "file://" + store_.path(); }
  [[nodiscard]] std::string object(const std::string& suffix) const {
    return store_ / (name_ + suffix);
  }
  void change_byte(const std::string& path, std::size_t at) const {
    std::string content = test::read_text(path);
    content.at(at) = static_cast<char>(content.at(at) ^ 1);
    test::write_text(path, content);
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* fixed_ = nullptr;
  static inline test::KeyPair keys_;
  static inline std::string name_;
  test::TempDir store_;
};

TEST_F(Restore, GivesTheSameDatabase) {
  const auto result = restore();
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("restored \"" + name_ + "\" into \"target\""));
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(Restore, TakesANameAsWellAsLatest) {
  const auto result = restore({name_});
  EXPECT_TRUE(result.ok()) << result.describe();
}

TEST_F(Restore, RefusesATargetThatIsNotEmptyUnlessTold) {
  server_->psql("target", "CREATE TABLE precious (id int)");
  const auto refused = restore();
  EXPECT_EQ(refused.exit_code, 4) << refused.describe();
  EXPECT_THAT(refused.err, HasSubstr("it is not empty (relation public.precious"));
  const auto told = restore({"--allow-non-empty"});
  EXPECT_TRUE(told.ok()) << told.describe();
}

TEST_F(Restore, StopsAtTheFirstSqlErrorAndLeavesNothing) {
  // A database without large objects: its script has no COMMIT of its own.
  server_->create_database("plain");
  server_->psql("plain", "CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE zz AS SELECT 2 AS x");
  const test::TempDir store;
  ASSERT_TRUE(back_up(store.path(), "plain").ok());
  server_->psql("target", "CREATE TABLE zz (other text)");
  const auto result = restore({"--store", "file://" + store.path(), "--allow-non-empty"});
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("relation \"zz\" already exists"));
  EXPECT_EQ(tables_in_target(), "1");  // table a was rolled back
}

TEST_F(Restore, SaysThatTheTargetIsEmptyAfterAFailure) {
  server_->psql("postgres", "CREATE ROLE reader LOGIN");
  const auto result = restore({"--to", "host=127.0.0.1 port=" + std::to_string(server_->port()) +
                                           " user=reader dbname=target"});
  expect_refused(result, 4, "hint: the target is empty, as it was before");
  server_->psql("postgres", "DROP ROLE reader");
}

/// What ends a restore half-way: the target has nothing of it afterwards.
class RestoreEnded : public Restore, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Signals, RestoreEnded, testing::Values(SIGTERM, SIGKILL),
                         [](const auto& parameter) {
                           return parameter.param == SIGTERM ? "Sigterm" : "Sigkill";
                         });

TEST_P(RestoreEnded, HalfWayCommitsNothing) {
  // Without large objects, and with a last table whose index takes its time.
  server_->create_database("big");
  server_->psql("big",
                "CREATE TABLE big AS SELECT g, md5(g::text) FROM generate_series(1, 400000) g");
  const test::TempDir store;
  ASSERT_TRUE(back_up(store.path(), "big").ok());
  test::RunningCommand running(
      test::pgseal_command({"restore", "--store", "file://" + store.path(), "--identity",
                            keys_.private_pem, "--passphrase-file", *fixed_ / "phrase", "--to",
                            server_->conninfo("target")}),
      test::pgseal_environment({}));
  ASSERT_TRUE(test::wait_until([] {
    return server_->psql("postgres",
                         "SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 1000 "
                         "AND datname = 'target'") == "1";
  })) << running.error_so_far();
  running.send_signal(GetParam());
  const auto result = running.join();
  EXPECT_EQ(result.exit_code, GetParam() == SIGTERM ? 130 : -1) << result.describe();
  ASSERT_TRUE(test::wait_until([] {
    return server_->psql("postgres",
                         "SELECT count(*) FROM pg_stat_activity WHERE datname = 'target'") == "0";
  }));
  EXPECT_EQ(tables_in_target(), "0");
  server_->psql("postgres", "DROP DATABASE big");
}

TEST_F(Restore, SaysThatTheTargetWasLeftPartlyRestored) {
  // A plain dump commits behind its large objects; what fails after that leaves the rest behind.
  server_->create_database("lob");
  server_->psql("lob", "SELECT lo_from_bytea(0, 'content')");
  server_->psql("lob",
                "CREATE FUNCTION only_here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
                "IF current_database() <> 'lob' THEN RAISE 'not here'; END IF; RETURN $1; END $$");
  server_->psql("lob", "CREATE TABLE t AS SELECT 1 AS x");
  server_->psql("lob", "CREATE INDEX ON t (only_here(x))");
  const test::TempDir store;
  ASSERT_TRUE(back_up(store.path(), "lob").ok());
  const auto result = restore({"--store", "file://" + store.path()});
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("not here"));
  EXPECT_THAT(result.err, HasSubstr("hint: the target was left partly restored"));
  server_->psql("postgres", "DROP DATABASE lob");
}

TEST_F(Restore, RefusesAWrongPassphraseAndNone) {
  test::write_text(store_ / "wrong", "wrong\n");
  expect_refused(restore({"--passphrase-file", store_ / "wrong"}), 6, "wrong pass phrase");
  auto options = test::pgseal_environment({});
  const auto none =
      test::run({"setsid", "-w", PGSEAL_PROGRAM, "restore", "--store", url(), "--identity",
                 keys_.private_pem, "--to", server_->conninfo("target")},
                options);
  expect_refused(none, 6, "it needs a pass phrase, none was given");
}

TEST_F(Restore, AsksForThePassphraseOnTheTerminalWithoutEcho) {
  const auto result = test::run(
      {"expect", "-c",
       std::string("set timeout 60\nspawn ") + PGSEAL_PROGRAM + " restore --store " + url() +
           " --identity " + keys_.private_pem + " --to {" + server_->conninfo("target") +
           "}\nexpect {Enter pass phrase for *: }\nsend \"correct horse\\r\"\nexpect {eof {} "
           "timeout {exit 99}}\n"
           "lassign [wait] pid spawnid os_error code\nexit $code"},
      test::pgseal_environment({}));
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, Not(HasSubstr("correct horse")));
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(Restore, RefusesAnotherPrivateKey) {
  const test::TempDir dir;
  const test::KeyPair other = test::make_key_pair(dir.path());
  const auto result = restore({"--identity", other.private_pem});
  expect_refused(result, 6, "private key");
}

TEST_F(Restore, RefusesAnyChangeBeforeSqlReachesTheTarget) {
  const auto size = fs::file_size(object(".sql.bz.enc"));
  for (const std::size_t at : {std::size_t{8}, std::size_t{16}, size / 2, size - 1}) {
    change_byte(object(".sql.bz.enc"), at);
    expect_refused(restore(), 7, ".sql.bz.enc was changed: its SHA-256 is not the manifest's");
    change_byte(object(".sql.bz.enc"), at);
  }
  change_byte(object(".key.txt.enc"), 100);
  expect_refused(restore(), 7, ".key.txt.enc was changed");
  change_byte(object(".key.txt.enc"), 100);
  EXPECT_TRUE(restore().ok());
}

TEST_F(Restore, RefusesATruncatedOrMissingObject) {
  fs::resize_file(object(".sql.bz.enc"), 1000);
  expect_refused(restore({name_}), 7, "the data object has 1000 bytes, not ");
  fs::remove(object(".sql.bz.enc"));
  expect_refused(restore({name_}), 7, "the data object is missing");
  expect_refused(restore(), 10, "cannot find a backup: there is none");
}

TEST_F(Restore, RefusesAManifestThatWasMadeToFit) {
  // Whoever can write the store changes the data and the manifest's SHA-256, but has no secret.
  change_byte(object(".sql.bz.enc"), 50);
  Json manifest = Json::parse(test::read_text(object(".manifest.json")));
  manifest["data"]["sha256"] = test::run_ok({"sha256sum", object(".sql.bz.enc")}).substr(0, 64);
  test::write_text(object(".manifest.json"), manifest.dump());
  expect_refused(restore(), 7, "the manifest is not authentic");
}

TEST_F(Restore, RefusesTheDataOfAnotherBackup) {
  // A pair swapped for another of the same database, its objects renamed. Names have seconds, so
  // that another name comes with the next.
  const test::TempDir other;
  const auto wanted = fs::path(object(".manifest.json")).filename();
  ASSERT_TRUE(test::wait_until([&] {
    fs::remove_all(other.path());
    fs::create_directory(other.path());
    EXPECT_TRUE(back_up(other.path()).ok());
    return !fs::exists(other / wanted.string());
  }));
  for (const auto& entry : fs::directory_iterator(other.path())) {
    const std::string file = entry.path().filename().string();
    const std::string suffix = file.substr(std::string("shop_2026-11-24T04:15:00Z").size());
    fs::copy(entry.path(), object(suffix), fs::copy_options::overwrite_existing);
  }
  expect_refused(restore({name_}), 7, "the manifest is another backup's");
}

TEST_F(Restore, ReadsAPairOfTheOldImageOnlyWhenTold) {
  fs::remove(object(".manifest.json"));
  expect_refused(restore({name_}), 7, "no manifest");
  EXPECT_THAT(restore({name_}).err, HasSubstr("can be read with --unverified"));
  expect_refused(restore(), 10, "there is none");
  const auto result = restore({"--unverified"});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("nothing proves that it is whole and unchanged"));
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(Restore, ReadsAPairThatTheOldImagesPipeMade) {
  const test::TempDir old;
  const auto piped = run_old_image(old.path(), "pg_dump '" + server_->conninfo("shop") + "'");
  ASSERT_TRUE(piped.ok()) << piped.describe();
  const auto result = restore({"--store", "file://" + old.path(), "--unverified"});
  EXPECT_TRUE(result.ok()) << result.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(Restore, RefusesATruncatedDumpOfTheOldImage) {
  // What the image left behind when pg_dump failed half-way: a whole bzip2 stream of half a dump.
  const test::TempDir old;
  const auto piped = run_old_image(old.path(), "(pg_dump '" + server_->conninfo("shop") +
                                                   "' || true) 2>/dev/null | head -c 20000");
  ASSERT_TRUE(piped.ok()) << piped.describe();
  expect_refused(restore({"--store", "file://" + old.path(), "--unverified"}), 7,
                 "is a truncated dump");
}

TEST_F(Restore, RefusesADamagedManifestAlsoWhenToldUnverified) {
  test::write_text(object(".manifest.json"), "{");
  expect_refused(restore({name_, "--unverified"}), 7, "cannot read the manifest");
  test::write_text(object(".manifest.json"), std::string(500'000, '['));
  expect_refused(restore({name_}), 7, "cannot read the manifest");
}

TEST_F(Restore, NamesWhatIsMissingInOneMessage) {
  const auto result = test::pgseal({"restore"});
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  for (const char* what : {"the store is missing", "the private key is missing", "--to"}) {
    EXPECT_THAT(result.err, HasSubstr(what));
  }
}

TEST_F(Restore, AsksForADatabaseWhereLatestIsAmbiguous) {
  server_->create_database("other");
  ASSERT_TRUE(back_up(store_.path(), "other").ok());
  const auto result = restore();
  expect_refused(result, 2, "the store holds those of \"other\", \"shop\"");
  EXPECT_TRUE(restore({"--database", "shop"}).ok());
  server_->psql("postgres", "DROP DATABASE other");
}

TEST_F(Restore, DecryptWritesTheDump) {
  const auto to_stdout = test::pgseal({"decrypt", "--store", url(), "--identity", keys_.private_pem,
                                       "--passphrase-file", *fixed_ / "phrase"});
  ASSERT_TRUE(to_stdout.ok()) << to_stdout.describe();
  EXPECT_THAT(to_stdout.out, HasSubstr("PostgreSQL database dump complete"));
  const auto to_file =
      test::pgseal({"decrypt", name_, "--store", url(), "--identity", keys_.private_pem,
                    "--passphrase-file", *fixed_ / "phrase", "-o", store_ / "out.sql"});
  ASSERT_TRUE(to_file.ok()) << to_file.describe();
  EXPECT_EQ(test::read_text(store_ / "out.sql"), to_stdout.out);
}

TEST_F(Restore, DecryptWritesIntoAPipeThatIsThere) {
  const std::string fifo = store_ / "fifo";
  test::run_ok({"mkfifo", fifo});
  const auto result = test::sh(
      "cat " + fifo + " > " + (store_ / "copy") + " & " + test::shell_quoted(PGSEAL_PROGRAM) +
          " decrypt --store " + url() + " --identity " + keys_.private_pem + " --passphrase-file " +
          (*fixed_ / "phrase") + " -o " + fifo + "; wait",
      test::pgseal_environment({}));
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_TRUE(fs::is_fifo(fifo));
  EXPECT_THAT(test::read_text(store_ / "copy"), HasSubstr("PostgreSQL database dump complete"));
}

TEST_F(Restore, DecryptIntoAPipeThatNobodyReadsIsInterrupted) {
  const auto result =
      test::sh("set +e; " + test::shell_quoted(PGSEAL_PROGRAM) + " decrypt --store " + url() +
                   " --identity " + keys_.private_pem + " --passphrase-file " +
                   (*fixed_ / "phrase") + " | true; exit ${PIPESTATUS[0]}",
               test::pgseal_environment({}));
  EXPECT_EQ(result.exit_code, 130) << result.describe();
}

TEST_F(Restore, ClosedStandardDescriptorsDoNoHarm) {
  const auto result =
      test::sh(test::shell_quoted(PGSEAL_PROGRAM) + " restore --store " + url() + " --identity " +
                   keys_.private_pem + " --passphrase-file " + (*fixed_ / "phrase") + " --to '" +
                   server_->conninfo("target") + "' <&- >&- 2>&-",
               test::pgseal_environment({}));
  EXPECT_TRUE(result.ok()) << result.describe();
  test::expect_same_database(*server_, "shop", *server_, "target");
}

TEST_F(Restore, CtrlCAtThePassphrasePromptEndsIt) {
  const auto result = test::run(
      {"expect", "-c",
       std::string("set timeout 60\nspawn ") + PGSEAL_PROGRAM + " restore --store " + url() +
           " --identity " + keys_.private_pem + " --to {" + server_->conninfo("target") +
           "}\nexpect {Enter pass phrase for *: }\nsend \"\\003\"\nexpect {eof {} timeout {exit "
           "99}}\n"
           "lassign [wait] pid spawnid os_error code\nexit $code"},
      test::pgseal_environment({}));
  expect_refused(result, 130, "");
  EXPECT_THAT(result.out, HasSubstr("interrupted by SIGINT"));
}

TEST_F(Restore, DecryptOfADamagedBackupWritesNoFile) {
  change_byte(object(".sql.bz.enc"), 500);
  const auto result =
      test::pgseal({"decrypt", "--store", url(), "--identity", keys_.private_pem,
                    "--passphrase-file", *fixed_ / "phrase", "-o", store_ / "out.sql"});
  EXPECT_EQ(result.exit_code, 7) << result.describe();
  for (const auto& entry : fs::directory_iterator(store_.path())) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr("out.sql")));
  }
}

TEST_F(Restore, ListShowsBackupsAndCountsTheRest) {
  const auto fine = test::pgseal({"list", "--store", url()});
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_THAT(fine.out, testing::AllOf(HasSubstr(name_), HasSubstr(" ok")));
  fs::remove(object(".manifest.json"));
  const auto less = test::pgseal({"list", "--store", url()});
  EXPECT_THAT(less.out, Not(HasSubstr(name_)));
  EXPECT_THAT(less.err, HasSubstr("1 not shown"));
  const auto all = test::pgseal({"list", "--all", "--store", url()});
  EXPECT_THAT(all.out, testing::AllOf(HasSubstr(name_), HasSubstr("no manifest")));
}

TEST_F(Restore, OfAPartIsForArchivesOnly) {
  for (const std::vector<std::string>& part : {std::vector<std::string>{"--table", "customers"},
                                               {"--clean"},
                                               {"--dry-run"},
                                               {"--no-owner"},
                                               {"--resume"},
                                               {"--section", "data"}}) {
    expect_refused(restore(part), 2, "restored as a whole or not at all");
  }
}

TEST_F(Restore, TheTargetsTimeOutsDoNotEndIt) {
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(17));
  server_->create_database("slow");
  server_->psql("slow", R"(
    CREATE FUNCTION slowly(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_sleep(0.5); RETURN $1; END';
    CREATE TABLE t AS SELECT generate_series(1, 2) AS a;
    CREATE INDEX slow_one ON t (slowly(a));)");
  const auto backup = back_up(store_.path(), "slow");
  ASSERT_TRUE(backup.ok()) << backup.describe();
  server_->psql("postgres", "DROP DATABASE slow");
  // Release 15's dump sets all time-outs but this one, which it does not have.
  test::PostgresServer newer({.version = 17, .config = {"transaction_timeout = '300ms'"}});
  const auto restored =
      restore({"latest", "--database", "slow", "--to", newer.conninfo("postgres")});
  EXPECT_TRUE(restored.ok()) << restored.describe();
  EXPECT_EQ(newer.psql("postgres", "SELECT count(*) FROM t"), "2");
}

}  // namespace
}  // namespace pgseal
