// Drills and comparisons: what is equal passes, and whatever is changed is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <fstream>

#include "base/format.h"
#include "base/json.h"
#include "engine/comparison.h"
#include "engine/drill.h"
#include "postgres/throwaway_server.h"
#include "support/archive_case.h"
#include "support/archive_forger.h"
#include "support/every_kind.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using backupset::DrillFinding;
using backupset::DrillTable;
using backupset::TableMatch;
using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr const char* kShop = R"(
  CREATE TABLE changed (id int PRIMARY KEY, text text);
  CREATE TABLE lost (LIKE changed);
  CREATE TABLE doubled (LIKE changed);
  INSERT INTO changed SELECT g, 'row ' || g FROM generate_series(1, 1000) g;
  INSERT INTO lost TABLE changed;
  INSERT INTO doubled TABLE changed;
  CREATE TABLE swapped_values (a int, b int);
  INSERT INTO swapped_values VALUES (1, 2), (3, 4);
  CREATE TABLE swapped_columns (a int, b int);
  INSERT INTO swapped_columns TABLE swapped_values;
  CREATE TABLE dropped AS TABLE changed;
  CREATE TABLE quiet AS TABLE changed;
  CREATE INDEX quiet_by_text ON quiet (text);
  CREATE TABLE parent (a int);
  CREATE TABLE child (own text) INHERITS (parent);
  ALTER TABLE parent ADD COLUMN late int;
  INSERT INTO child (a, late, own) VALUES (1, 2, 'three');
  CREATE SEQUENCE counter;
  SELECT setval('counter', 4711);
  CREATE VIEW seen AS SELECT id FROM changed;
  CREATE ROLE seller;
  GRANT SELECT ON changed TO seller;
  SELECT lo_from_bytea(4711, 'large'), lo_from_bytea(4712, 'object');
  CREATE SCHEMA "odd ""schema";
  CREATE TABLE "odd ""schema"."a, b" ("c, ""d" text, "SELECT" int);
  INSERT INTO "odd ""schema"."a, b" VALUES (E'tab\t', 1);)";

/// A server, and a signed backup of a database of it.
class Drill : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer(test::every_kind_options(0));
    server_->create_database("shop");
    server_->psql("shop", kShop);
    case_ = new test::ArchiveCase();
    name_ = case_->backup(*server_, "shop").name;
  }
  static void TearDownTestSuite() {
    delete case_;
    delete server_;
  }

  static engine::Database database(const std::string& name) {
    return {postgres::ConnParams::parse(server_->conninfo(name)), {}};
  }
  static std::string path() { return server_->bin_dir() + ":" + std::getenv("PATH"); }

  static engine::DrillOptions options() {
    return {.directory = scratch(), .jobs = 2, .program_path = path(), .pgseal_version = "test"};
  }
  /// What throw-away servers lie in: empty again after each.
  static std::string scratch() {
    const std::string directory = case_->directory() / "scratch";
    fs::create_directory(directory);
    fs::permissions(directory, fs::perms(0755));
    return directory;
  }
  static bool scratch_is_empty() { return fs::is_empty(scratch()); }

  static backupset::DrillReport drill(const std::string& backup,
                                      const engine::DrillOptions& options) {
    engine::ArchiveProgress progress;
    return engine::drill(options, *case_->open(backup), [] {}, progress, system_clock(), {});
  }

  /// A copy of the backed-up database, and what damage is done to it compared with the backup.
  static backupset::Comparison compare_damaged(const std::string& damage) {
    server_->create_database("copy");
    EXPECT_EQ(
        case_->restore(name_, test::ArchiveCase::restore_options(*server_, "copy")).error_count,
        0u);
    if (!damage.empty()) server_->psql("copy", damage);
    const engine::Database copy = database("copy");
    const std::string program_path = path();
    engine::ArchiveProgress progress;
    const auto expected = engine::read_content(*case_->open(name_), {});
    const auto found =
        engine::read_content({.database = copy, .jobs = 2, .program_path = program_path}, expected,
                             progress, system_clock(), {});
    server_->psql("postgres", "DROP DATABASE copy WITH (FORCE)");
    return engine::compare(expected, found, {});
  }

  /// "public.changed: differs", for every table that is not equal.
  static std::vector<std::string> unequal(const backupset::Comparison& comparison) {
    std::vector<std::string> texts;
    for (const DrillTable& table : comparison.tables) {
      if (table.match() == TableMatch::equal) continue;
      texts.push_back(table.schema + "." + table.name + ": " + match_name(table.match()));
    }
    return texts;
  }
  static std::vector<std::string> texts(const std::vector<DrillFinding>& findings) {
    std::vector<std::string> texts;
    for (const DrillFinding& finding : findings) {
      texts.push_back(finding.object + ": " + finding.text);
    }
    return texts;
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::ArchiveCase* case_ = nullptr;
  static inline std::string name_;
};

TEST_F(Drill, PassesInAThrowAwayServerThatIsGoneThen) {
  const auto report = drill(name_, options());
  EXPECT_TRUE(report.passed()) << report.to_json();
  EXPECT_EQ(report.backup, name_);
  EXPECT_EQ(report.target, "");
  EXPECT_EQ(report.tables.size(), 10u);
  EXPECT_THAT(unequal(report), IsEmpty());
  EXPECT_THAT(texts(report.left_out), IsEmpty());
  EXPECT_EQ(report.sequences.compared, 1u);
  EXPECT_EQ(report.large_objects.compared, 2u);
  EXPECT_GT(report.schema.compared, 10u);
  std::vector<std::string> phases;
  for (const auto& phase : report.phases) phases.push_back(phase.name);
  EXPECT_THAT(phases, ElementsAre("start", "roles", "prove", "pre-data", "data", "post-data",
                                  "read back", "compare", "clean up"));
  std::chrono::milliseconds in_phases{0};
  for (const auto& phase : report.phases) in_phases += phase.duration;
  EXPECT_LE(in_phases, report.finished - report.begun + std::chrono::seconds(1));
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(Drill, FindsAnUndamagedCopyEqual) {
  const auto comparison = compare_damaged("");
  EXPECT_EQ(comparison.difference_count(), 0u) << comparison.json().dump(2);
  EXPECT_EQ(comparison.left_out_count(), 0u);
}

TEST_F(Drill, NamesWhateverIsDamagedAndNothingElse) {
  const auto comparison = compare_damaged(R"(
    UPDATE changed SET text = 'row 7' WHERE id = 500;
    DELETE FROM lost WHERE id = 500;
    INSERT INTO doubled SELECT * FROM doubled WHERE id = 500;
    UPDATE swapped_values SET a = b, b = a WHERE a = 3;
    DROP TABLE swapped_columns;
    CREATE TABLE swapped_columns (b int, a int);
    INSERT INTO swapped_columns (a, b) VALUES (1, 2), (3, 4);
    DROP TABLE dropped;
    CREATE TABLE planted (a int);
    DROP INDEX quiet_by_text;
    ALTER TABLE quiet ALTER text SET DEFAULT 'x';
    SELECT setval('counter', 17);
    CREATE OR REPLACE VIEW seen AS SELECT id FROM changed WHERE id > 1;
    REVOKE SELECT ON changed FROM seller;
    ALTER TABLE lost OWNER TO seller;
    SELECT lo_put(4711, 0, 'L');)");
  EXPECT_THAT(unequal(comparison),
              UnorderedElementsAre("public.changed: differs", "public.lost: differs",
                                   "public.doubled: differs", "public.swapped_values: differs",
                                   "public.dropped: missing", "public.planted: extra"));
  EXPECT_THAT(texts(comparison.sequences.differences),
              ElementsAre("SEQUENCE public.counter: stands at (17, true), not at (4711, true)"));
  EXPECT_THAT(texts(comparison.large_objects.differences),
              ElementsAre("LARGE OBJECT 4711: has other bytes"));
  EXPECT_THAT(
      texts(comparison.schema.differences),
      UnorderedElementsAre(
          "TABLE public.swapped_columns: has \"b integer\", not \"a integer\"",
          "TABLE public.dropped: is missing", "TABLE public.planted: is not in the backup",
          "INDEX public.quiet_by_text: is missing", "TABLE public.quiet: is defined in other words",
          "VIEW public.seen: is defined in other words", "ACL public.TABLE changed: is missing",
          "TABLE public.lost: belongs to \"seller\", not \"postgres\""));
  EXPECT_THAT(texts(comparison.left_out), IsEmpty());
}

TEST_F(Drill, TellsALargeObjectThatIsLongerMissingOrNew) {
  const auto comparison =
      compare_damaged("SELECT lo_put(4711, 100, 'x'), lo_unlink(4712), lo_create(4713)");
  EXPECT_THAT(
      texts(comparison.large_objects.differences),
      ElementsAre("LARGE OBJECT 4711: has 101 bytes, not 5", "LARGE OBJECT 4712: is missing",
                  "LARGE OBJECT 4713: is not in the backup"));
  EXPECT_EQ(comparison.difference_count(), 3u) << comparison.json().dump(2);
}

TEST_F(Drill, OfAPartLeavesTheRestOut) {
  auto backup_options = case_->options(server_->conninfo("shop"));
  backup_options.pg_dump = postgres::parse_pg_dump_options({"--table=changed", "--no-owner"});
  const std::string part = case_->backup(backup_options).name;
  const auto report = drill(part, options());
  EXPECT_TRUE(report.passed()) << report.to_json();
  EXPECT_EQ(report.tables.size(), 1u);

  const auto expected = engine::read_content(*case_->open(part), {});
  const auto whole = engine::read_content(*case_->open(name_), {});
  const auto comparison = engine::compare(expected, whole, {});
  EXPECT_EQ(comparison.difference_count(), 0u) << comparison.json().dump(2);
  EXPECT_THAT(texts(comparison.left_out),
              Contains("INDEX public.quiet_by_text: is not in the backup, which was made with "
                       "--table"));
  EXPECT_THAT(unequal(comparison), Contains("public.lost: left out"));
}

/// Changes a backup as its owner could.
void forge(test::ArchiveCase& backup_case, const std::string& name,
           const std::function<void(test::ArchiveForger&)>& change) {
  test::ArchiveForger forger(backup_case, backup_case.store_directory(), name);
  change(forger);
  forger.commit();
}

TEST_F(Drill, FailsWhereTheCatalogHasAnotherFingerprint) {
  const std::string forged = case_->backup(*server_, "shop").name;
  forge(*case_, forged, [](test::ArchiveForger& forger) {
    auto& tables = forger.catalog.tables;
    const auto table =
        std::find_if(tables.begin(), tables.end(), [](const auto& t) { return t.name == "lost"; });
    auto& rows = table->segments.at(0).chunks.at(0).rows;
    rows = backupset::RowsFingerprint::from(rows.rows(), std::string(32, '7')).value();
  });
  const auto report = drill(forged, options());
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.failure,
              AllOf(HasSubstr(".dat.zst"), HasSubstr("other rows than the catalog says")));
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(Drill, RunsNoCommandOfPsqlThatTheRolesScriptHas) {
  const std::string forged = case_->backup(*server_, "shop").name;
  const std::string trace = case_->directory() / "trace";
  forge(*case_, forged, [&](test::ArchiveForger& forger) {
    forger.rewrite_globals("SELECT 1;\n\\! touch " + trace + "\n");
  });
  const auto report = drill(forged, options());
  EXPECT_THAT(texts(report.restore_errors), Contains(StartsWith("ROLES: ")));
  EXPECT_FALSE(fs::exists(trace));
}

TEST_F(Drill, AScriptThatWantsRowsOfItsClientIsAnErrorAndNoHang) {
  for (const char* direction : {"FROM STDIN", "TO STDOUT"}) {
    postgres::Connection connection(postgres::ConnParams::parse(server_->conninfo("shop")), {});
    EXPECT_THROW(connection.execute_script(
                     format("CREATE TEMPORARY TABLE t (); COPY t {}; SELECT 1", direction)),
                 Error);
  }
}

TEST_F(Drill, FailsWhereABundleWasChanged) {
  const std::string damaged = case_->backup(*server_, "shop").name;
  const std::string object =
      case_->open(damaged)->catalog().tables.at(0).segments.at(0).chunks.at(0).place.object;
  const std::string file = case_->store_directory() + "/" + object;
  std::string bytes = test::read_text(file);
  bytes[bytes.size() / 2] ^= 1;
  test::write_text(file, bytes);
  const auto report = drill(damaged, options());
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.failure, HasSubstr(object));
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(Drill, FailsWhereRowsAreRefusedAndASequenceIsNotAsTheCatalogSays) {
  server_->psql("postgres", "CREATE DATABASE refusing");
  server_->psql("refusing", R"(
    CREATE FUNCTION is_good(int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE TABLE refused (a int CHECK (is_good(a)));
    INSERT INTO refused VALUES (1);
    CREATE TABLE loaded AS TABLE refused;
    CREATE OR REPLACE FUNCTION is_good(int) RETURNS boolean LANGUAGE sql AS 'SELECT false';
    CREATE SEQUENCE counter;
    SELECT setval('counter', 17);)");
  const std::string forged = case_->backup(*server_, "refusing").name;
  server_->psql("postgres", "DROP DATABASE refusing");
  forge(*case_, forged, [](test::ArchiveForger& forger) {
    std::string& definition = forger.catalog.sequences.at(0).definition;
    definition.replace(definition.find("17"), 2, "18");
  });
  const auto report = drill(forged, options());
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.failure, "");
  EXPECT_THAT(texts(report.restore_errors),
              ElementsAre(AllOf(StartsWith("TABLE DATA public.refused: "),
                                HasSubstr("violates check constraint"))));
  EXPECT_THAT(unequal(report), ElementsAre("public.refused: differs"));
  EXPECT_THAT(texts(report.sequences.differences),
              ElementsAre("SEQUENCE public.counter: stands at (17, true), not at (18, true)"));
}

TEST_F(Drill, RestoresTheDatabasePostgresAndATablespaceOfTheDatabase) {
  const auto as_it_was = [&](const std::string& database) {
    engine::DrillOptions strict = options();
    strict.strict = true;
    const auto report = drill(case_->backup(*server_, database).name, strict);
    EXPECT_TRUE(report.passed()) << report.to_json();
    return report;
  };
  server_->psql("postgres", "CREATE TABLE kept AS SELECT 1 AS a");
  EXPECT_EQ(as_it_was("postgres").tables.size(), 1u);
  server_->psql("postgres", "DROP TABLE kept");

  server_->psql("postgres", R"(
    SET allow_in_place_tablespaces = on;
    CREATE TABLESPACE "fast disk" LOCATION '';)");
  server_->psql("postgres", R"(CREATE DATABASE elsewhere TABLESPACE "fast disk")");
  server_->psql("elsewhere", "CREATE TABLE kept (a int) TABLESPACE pg_default");
  EXPECT_EQ(as_it_was("elsewhere").tables.size(), 1u);
  server_->psql("postgres", "DROP DATABASE elsewhere");
  server_->psql("postgres", R"(DROP TABLESPACE "fast disk")");
}

TEST_F(Drill, ItsServerSeesNothingOfOurEnvironment) {
  const std::string name = "PGSEAL_TEST_OF_THE_ENVIRONMENT";
  ::setenv(name.c_str(), "secret", 1);
  postgres::ThrowAwayServer server(
      {.program = postgres::choose_server(postgres::find_programs("postgres", path(), {}), 0, ""),
       .directory = scratch()},
      {});
  postgres::Connection connection(server.params("postgres"), {});
  connection.execute("CREATE TABLE environment (line text)");
  connection.execute("COPY environment FROM PROGRAM 'env'");
  ::unsetenv(name.c_str());
  const auto lines = connection.query_column("SELECT line FROM environment");
  EXPECT_THAT(lines, Not(IsEmpty()));
  EXPECT_THAT(lines, Not(Contains(StartsWith(name))));
}

/// With the program, as a person runs it.
class DrillProgram : public Drill {
 protected:
  static void SetUpTestSuite() {
    Drill::SetUpTestSuite();
    test::write_text(case_->directory() / "identity", case_->identity().secret_text().reveal());
    test::write_text(case_->directory() / "signer.pub",
                     case_->signing_key().public_key().file_text());
  }

  static std::vector<std::string> arguments(const std::string& command,
                                            const std::vector<std::string>& more) {
    std::vector<std::string> result{command};
    result.insert(result.end(), more.begin(), more.end());
    result.insert(result.end(),
                  {"--store", "file://" + case_->store_directory(), "--identity",
                   case_->directory() / "identity", "--signer", case_->directory() / "signer.pub"});
    return result;
  }
  static test::CommandResult pgseal(const std::string& command,
                                    const std::vector<std::string>& more) {
    return test::pgseal(arguments(command, more));
  }

  /// A backup whose restore never ends: a row's check takes ten minutes.
  static std::string endless() {
    server_->create_database("endless");
    server_->psql("endless", R"(
      CREATE FUNCTION is_good(int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE TABLE slow (a int CHECK (is_good(a)));
      INSERT INTO slow VALUES (1);
      CREATE OR REPLACE FUNCTION is_good(int) RETURNS boolean LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(600); RETURN true; END';)");
    const std::string name = case_->backup(*server_, "endless").name;
    server_->psql("postgres", "DROP DATABASE endless");
    return name;
  }

  /// The pid of the server in the scratch directory, once it runs a check.
  static pid_t wait_for_server() {
    pid_t pid = 0;
    EXPECT_TRUE(test::wait_until(
        [&] {
          for (const auto& entry : fs::directory_iterator(scratch())) {
            std::ifstream file(entry.path() / "data/postmaster.pid");
            if (file >> pid && is_checking(entry.path())) return true;
          }
          return false;
        },
        std::chrono::seconds(60)));
    return pid;
  }
  static bool is_checking(const fs::path& socket_directory) {
    const auto answer =
        test::run({server_->bin_dir() + "/psql", "-XAtq", "-h", socket_directory.string(), "-U",
                   socket_directory.filename().string(), "-d", "template1", "-c",
                   "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"});
    return answer.out == "1\n";
  }
  static bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }
};

TEST_F(DrillProgram, SaysThatItPassed) {
  const auto result = pgseal("drill", {name_, "--directory", scratch()});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, AllOf(HasSubstr("drilled \"" + name_ + "\""), HasSubstr("10 tables")));
  EXPECT_THAT(result.err, Not(HasSubstr("warning")));
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(DrillProgram, RestoresIntoADatabaseOfTheCallers) {
  server_->create_database("target");
  const auto result = pgseal("drill", {name_, "--to", server_->conninfo("target")});
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(server_->psql("target", "SELECT count(*) FROM lost"), "1000");

  const auto again = pgseal("drill", {name_, "--to", server_->conninfo("target")});
  EXPECT_EQ(again.exit_code, 4) << again.describe();
  EXPECT_THAT(again.err, HasSubstr("is not empty"));
  server_->psql("postgres", "DROP DATABASE target WITH (FORCE)");
}

TEST_F(DrillProgram, FailsABackupThatLacksABundleForEverybodyToSee) {
  const std::string damaged = case_->backup(*server_, "shop").name;
  const std::string object =
      case_->open(damaged)->catalog().tables.at(0).segments.at(0).chunks.at(0).place.object;
  fs::remove(case_->store_directory() + "/" + object);
  const auto result = pgseal("drill", {damaged, "--directory", scratch(), "--store-report"});
  EXPECT_EQ(result.exit_code, 7) << result.describe();
  EXPECT_THAT(result.err, AllOf(HasSubstr(object), HasSubstr("is missing")));
  const auto list =
      test::pgseal({"list", "--all", "--store", "file://" + case_->store_directory()});
  EXPECT_THAT(list.out, ContainsRegex(damaged + ".* failed"));
}

TEST_F(DrillProgram, LeavesNothingWhereItIsInterrupted) {
  const std::string name = endless();
  test::RunningCommand drill(
      test::pgseal_command(arguments("drill", {name, "--directory", scratch()})),
      test::pgseal_environment({}));
  const pid_t server = wait_for_server();
  drill.send_signal(SIGINT);
  const auto result = drill.join();
  EXPECT_EQ(result.exit_code, 130) << result.describe();
  EXPECT_TRUE(is_gone(server));
  EXPECT_TRUE(scratch_is_empty());

  test::RunningCommand killed(
      test::pgseal_command(arguments("drill", {name, "--directory", scratch()})),
      test::pgseal_environment({}));
  const pid_t orphan = wait_for_server();
  killed.send_signal(SIGKILL);
  std::ignore = killed.join();
  EXPECT_TRUE(test::wait_until([&] { return is_gone(orphan); }));
  for (const auto& entry : fs::directory_iterator(scratch())) fs::remove_all(entry);
}

TEST_F(DrillProgram, RunsNothingHereThatNobodyVouchesFor) {
  std::vector<std::string> command{"drill",       name_,
                                   "--directory", "/no/such/directory",
                                   "--store",     "file://" + case_->store_directory(),
                                   "--identity",  case_->directory() / "identity"};
  const auto refused = test::pgseal(command);
  EXPECT_EQ(refused.exit_code, 2) << refused.describe();
  EXPECT_THAT(refused.err, HasSubstr("--signer, or --unverified"));

  command.emplace_back("--unverified");
  EXPECT_THAT(test::pgseal(command).err, HasSubstr("cannot create \"/no/such/directory"));
}

TEST_F(DrillProgram, NeedsADirectoryForItsServer) {
  const auto result = pgseal("drill", {name_, "--directory", "/no/such/directory"});
  EXPECT_EQ(result.exit_code, 2) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("cannot create \"/no/such/directory/pgseal-drill\""));
}

TEST_F(DrillProgram, DiffNamesWhatChangedSince) {
  EXPECT_TRUE(pgseal("diff", {name_, "--to", server_->conninfo("shop")}).ok());
  server_->psql("shop", "UPDATE changed SET text = 'other' WHERE id = 1");
  const std::string later = case_->backup(*server_, "shop").name;

  const auto live = pgseal("diff", {name_, "--to", server_->conninfo("shop")});
  EXPECT_EQ(live.exit_code, 7) << live.describe();
  EXPECT_THAT(live.out, AllOf(HasSubstr("public.changed"), Not(HasSubstr("public.lost")),
                              HasSubstr("differ: 9 of 10 tables equal")));
  const auto two = pgseal("diff", {name_, later, "--json"});
  EXPECT_EQ(two.exit_code, 7) << two.describe();
  const Json json = Json::parse(two.out);
  EXPECT_EQ(json.at("equal"), false);
  EXPECT_EQ(json.at("other"), later);
  for (const Json& table : json.at("tables")) {
    EXPECT_EQ(table.at("match"), table.at("name") == "changed" ? "differs" : "equal");
  }

  const auto same = pgseal("diff", {later, later});
  EXPECT_TRUE(same.ok()) << same.describe();
  EXPECT_THAT(same.out, HasSubstr("are equal: 10 of 10 tables equal"));
  server_->psql("shop", "UPDATE changed SET text = 'row 1' WHERE id = 1");
}

TEST_F(DrillProgram, DiffWantsOneOtherSide) {
  EXPECT_EQ(pgseal("diff", {name_}).exit_code, 2);
  EXPECT_EQ(pgseal("diff", {name_, name_, "--to", "dbname=x"}).exit_code, 2);
}

/// Every kind of object, on a server that lacks nothing and on one of its own.
class DrillOfEveryKind : public testing::TestWithParam<int> {};

TEST_P(DrillOfEveryKind, PassesAndTellsWhatTheServerLacks) {
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam()));
  const test::PostgresServer server(test::every_kind_options(GetParam()));
  test::load_every_kind(server, "every_kind");
  test::ArchiveCase backup_case;
  const std::string path = server.bin_dir() + ":" + std::getenv("PATH");
  auto backup_options = backup_case.options(server.conninfo("every_kind"));
  backup_options.program_path = path;
  const std::string name = backup_case.backup(backup_options).name;
  const std::string scratch = backup_case.directory() / "scratch";
  fs::create_directory(scratch);
  fs::permissions(scratch, fs::perms(0755));
  engine::DrillOptions options{
      .directory = scratch, .jobs = 2, .program_path = path, .pgseal_version = "test"};
  engine::ArchiveProgress progress;
  const auto alone =
      engine::drill(options, *backup_case.open(name), [] {}, progress, system_clock(), {});
  EXPECT_TRUE(alone.passed()) << alone.to_json();
  EXPECT_GT(alone.tables.size(), 100u);
  const bool tells =
      std::any_of(alone.left_out.begin(), alone.left_out.end(), [](const DrillFinding& finding) {
        return finding.object.find("pgseal_settings") != std::string::npos;
      });
  EXPECT_TRUE(tells) << alone.to_json();
  EXPECT_TRUE(fs::is_empty(scratch));

  server.create_database("target");
  options.target = engine::Database(postgres::ConnParams::parse(server.conninfo("target")), {});
  options.strict = true;
  const auto whole =
      engine::drill(options, *backup_case.open(name), [] {}, progress, system_clock(), {});
  EXPECT_TRUE(whole.passed()) << whole.to_json();
  EXPECT_EQ(whole.tables.size(), alone.tables.size());
}

INSTANTIATE_TEST_SUITE_P(On, DrillOfEveryKind, testing::Values(15, 18),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace pgseal
