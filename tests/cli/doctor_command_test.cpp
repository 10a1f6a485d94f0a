// `pgseal doctor` as a person meets it: settings, what it prints, exit codes, its documentation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "base/format.h"
#include "base/json.h"
#include "engine/doctor_database.h"
#include "engine/doctor_directory.h"
#include "engine/doctor_keys.h"
#include "engine/doctor_last_backup.h"
#include "engine/doctor_s3.h"
#include "engine/doctor_target.h"
#include "support/iam_postgres.h"
#include "support/loopback.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

/// A server, two recipients, a signing key, and a directory to store in.
class DoctorCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("shop");
    server_->psql("shop", "CREATE TABLE orders (id int)");
    dir_ = new test::TempDir();
    for (const char* name : {"one", "two"}) {
      const auto made = test::pgseal({"keygen", "--output", *dir_ / name});
      recipients_.push_back(made.err.substr(made.err.find("age1"), 62));
    }
    const auto made = test::pgseal({"keygen", "--signing", "--output", *dir_ / "signer"});
    if (!made.ok()) throw std::runtime_error("cannot make keys: " + made.err);
  }
  static void TearDownTestSuite() {
    delete dir_;
    delete server_;
  }

  DoctorCommand() { std::filesystem::create_directory(store()); }
  ~DoctorCommand() override { std::filesystem::remove_all(store()); }

  [[nodiscard]] static std::string store() { return *dir_ / "store"; }

  /// All that a backup needs, with `more` behind.
  [[nodiscard]] static Arguments settings(const Arguments& more = {},
                                          const std::string& user = "postgres",
                                          int port = server_->port()) {
    Arguments arguments{"doctor",
                        "--host=127.0.0.1",
                        format("--port={}", port),
                        "--user=" + user,
                        "--database=shop",
                        "--store=file://" + store(),
                        "--recipient=" + recipients_[0],
                        "--recipient=" + recipients_[1],
                        "--signing-key=" + (*dir_ / "signer")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// What `--json` prints; the exit code in it is the program's.
  [[nodiscard]] static Json examine(Arguments arguments) {
    arguments.push_back("--json");
    const auto result = test::pgseal(arguments);
    Json found = Json::parse(result.out);
    EXPECT_EQ(found.at("exit_code"), result.exit_code);
    return found;
  }
  /// "database tls" of those checks of which `want` is true.
  template <typename Want>
  [[nodiscard]] static std::vector<std::string> names_of(const Json& found, Want want) {
    std::vector<std::string> names;
    for (const Json& check : found.at("checks")) {
      if (!want(check)) continue;
      names.push_back(check.at("subject").get<std::string>() + " " +
                      check.at("name").get<std::string>());
    }
    return names;
  }
  [[nodiscard]] static std::vector<std::string> failures(const Json& found) {
    return names_of(found, [](const Json& check) { return check.at("state") == "failure"; });
  }

  static test::PostgresServer* server_;
  static test::TempDir* dir_;
  static std::vector<std::string> recipients_;
};
test::PostgresServer* DoctorCommand::server_ = nullptr;
test::TempDir* DoctorCommand::dir_ = nullptr;
std::vector<std::string> DoctorCommand::recipients_;

TEST_F(DoctorCommand, PrintsALineForEachCheckAndWritesNothing) {
  const auto result = test::pgseal(settings());
  EXPECT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("ok    database connection"), HasSubstr("ok    store directory"),
                    HasSubstr("ok    keys signing-key"), HasSubstr("0 warnings, 0 failures\n")));
  EXPECT_TRUE(std::filesystem::is_empty(store()));
}

TEST_F(DoctorCommand, PutsAProbeOnlyWhereItIsTold) {
  const auto is_put = [](const Json& check) { return check.at("name") == "put"; };
  EXPECT_TRUE(names_of(examine(settings()), is_put).empty());
  EXPECT_EQ(names_of(examine(settings({"--probe"})), is_put), Arguments{"store put"});
  EXPECT_TRUE(std::filesystem::is_empty(store()));
}

TEST_F(DoctorCommand, NamesAllSettingsThatAreMissing) {
  const Json found = examine({"doctor"});
  EXPECT_EQ(found.at("exit_code"), 2);
  EXPECT_THAT(failures(found),
              testing::IsSupersetOf({"database settings", "store settings", "keys settings"}));
  const std::string text = found.dump();
  for (const char* what : {"the database is missing", "the database's host is missing",
                           "the database's user is missing", "the recipients are missing",
                           "what needs it was not looked at"}) {
    EXPECT_THAT(text, HasSubstr(what));
  }
}

TEST_F(DoctorCommand, GoesOnWhereTheDatabaseIsNotReached) {
  const auto result = test::pgseal(settings({}, "postgres", test::free_port()));
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("failure  database connection"),
                    HasSubstr("what needs it was not looked at"), Not(HasSubstr("database tables")),
                    HasSubstr("store directory"), HasSubstr("keys recipients")));
}

TEST_F(DoctorCommand, TellsTheClassOfTheWorst) {
  Arguments unsigned_backup = settings();
  unsigned_backup.pop_back();
  EXPECT_EQ(examine(unsigned_backup).at("exit_code"), 3);
  std::filesystem::remove_all(store());
  EXPECT_EQ(failures(examine(settings())), Arguments{"store directory"});
  EXPECT_EQ(examine(settings()).at("exit_code"), 5);
  std::filesystem::create_directory(store());
  test::write_text(*dir_ / "signer", "untrusted comment: nothing\nRWQ=\n");
  EXPECT_EQ(failures(examine(settings())), Arguments{"keys signing-key"});
  EXPECT_EQ(examine(settings()).at("exit_code"), 6);
  std::filesystem::remove(*dir_ / "signer");
  std::filesystem::remove(*dir_ / "signer.pub");
  std::ignore = test::pgseal({"keygen", "--signing", "--output", *dir_ / "signer"});
}

TEST_F(DoctorCommand, ShowsWhatMendsIt) {
  server_->psql("shop", "CREATE ROLE weak LOGIN");
  const auto result = test::pgseal(settings({}, "weak"));
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("weak has no SELECT on public.orders\n"
                                    "             GRANT SELECT ON TABLE public.orders TO weak;\n"));
}

TEST_F(DoctorCommand, LooksAtTheTargetOfARestore) {
  server_->create_database("spare");
  const std::string spare = "--to=" + server_->conninfo("spare");
  EXPECT_EQ(failures(examine(settings({spare}))), Arguments{});
  EXPECT_EQ(failures(examine(settings({"--to=" + server_->conninfo("shop")}))),
            Arguments{"target empty"});
  EXPECT_EQ(failures(examine(settings({"--to=host=127.0.0.1"}))), Arguments{"target settings"});
}

TEST_F(DoctorCommand, KnowsTheClassicFormat) {
  const test::KeyPair keys = test::make_key_pair(dir_->path());
  const Json found = examine({"doctor", "--format=classic", "--dbname", server_->conninfo("shop"),
                              "--store=file://" + store(), "--public-key=" + keys.public_pem});
  EXPECT_EQ(found.at("exit_code"), 0) << found.dump(2);
  EXPECT_TRUE(
      names_of(found, [](const Json& check) { return check.at("name") == "signing-key"; }).empty());
}

TEST(DoctorOverIam, SaysThatTheTokenIsTaken) {
  PGSEAL_SKIP_BECAUSE(test::why_no_iam_postgres());
  test::IamPostgres postgres;
  const auto result =
      test::pgseal({"doctor", "--dbname",
                    format("host={} port={} user={} dbname=postgres", postgres.host(),
                           postgres.port(), postgres.user())},
                   {{"REGION", postgres.region()},
                    {"PGSSLROOTCERT", postgres.ca_pem()},
                    {"AWS_ACCESS_KEY_ID", test::IamPostgres::long_lived_key().id},
                    {"AWS_SECRET_ACCESS_KEY", test::IamPostgres::long_lived_key().secret}});
  EXPECT_THAT(result.out, AllOf(HasSubstr("entered with an IAM token\n"), HasSubstr("TLSv1.")));
}

TEST(DoctorsDocumentation, HasEachCheckInItsTables) {
  const std::string page = test::read_text(PGSEAL_SOURCE_DIR "/doc/doctor.md");
  static const std::regex kRow(R"(\n\| `((?:database|keys|store|target) [\w-]+)` \|)");
  std::multiset<std::string> documented, made;
  for (std::sregex_iterator row(page.begin(), page.end(), kRow), end; row != end; ++row) {
    documented.insert((*row)[1]);
  }
  const auto add = [&](const char* subject, const std::vector<std::string>& names) {
    for (const std::string& name : names) made.insert(format("{} {}", subject, name));
  };
  for (const char* subject : {"database", "keys", "store", "target"}) add(subject, {"settings"});
  add("database", engine::database_check_names());
  add("target", engine::target_check_names());
  add("keys", engine::check_names(engine::key_checks()));
  add("keys", engine::check_names(engine::archive_key_checks()));
  add("store", engine::check_names(engine::s3_access_checks()));
  add("store", engine::check_names(engine::s3_bucket_checks()));
  add("store", engine::check_names(engine::s3_probe_checks()));
  add("store", engine::check_names(engine::s3_rights_checks()));
  add("store", engine::check_names(engine::directory_checks()));
  add("store", engine::check_names(engine::last_backup_checks()));
  EXPECT_EQ(documented, made);
  EXPECT_EQ(engine::check_names(engine::directory_probe_checks()), Arguments{"put"});
}

}  // namespace
}  // namespace pgseal
