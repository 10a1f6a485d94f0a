// Each check of a database to restore into finds what it is for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "engine/doctor_target.h"
#include "support/pooler.h"
#include "support/postgres_server.h"
#include "support/requirement.h"

namespace pgseal {
namespace {

using engine::Finding;
using engine::State;
using testing::ElementsAre;
using testing::HasSubstr;

/// The source and the target are servers of their own.
class DoctorTarget : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    source_ = new test::PostgresServer();
    target_ = new test::PostgresServer();
  }
  static void TearDownTestSuite() {
    delete target_;
    delete source_;
  }

  DoctorTarget() {
    for (const test::PostgresServer* server : {source_, target_}) {
      server->psql("postgres", "DROP DATABASE IF EXISTS app");
      server->create_database("app");
    }
  }

  engine::Checks examine(const std::string& conninfo, postgres::Connection* source) {
    const engine::Database target(postgres::ConnParams::parse(conninfo), {});
    engine::Checks checks;
    engine::check_restore_target(
        {.target = target, .source = source, .program_path = std::getenv("PATH")}, checks, {});
    return checks;
  }
  [[nodiscard]] static postgres::Connection connect(const test::PostgresServer& server) {
    return {postgres::ConnParams::parse(server.conninfo("app")), {}};
  }

  /// What this check finds.
  Finding find(const std::string& name, const std::string& conninfo) {
    postgres::Connection source = connect(*source_);
    const engine::Checks checks = examine(conninfo, &source);
    for (const engine::Check& check : checks.all()) {
      if (check.name == name) return check.finding;
    }
    ADD_FAILURE() << "there is no check " << name;
    return {State::ok, ""};
  }
  Finding find(const std::string& name) { return find(name, target_->conninfo("app")); }

  static test::PostgresServer *source_, *target_;
};
test::PostgresServer* DoctorTarget::source_ = nullptr;
test::PostgresServer* DoctorTarget::target_ = nullptr;

TEST_F(DoctorTarget, IsContentWithAnEmptyOneLikeTheSource) {
  source_->psql("app", "CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE TABLE t (a int)");
  postgres::Connection source = connect(*source_);
  const engine::Checks checks = examine(target_->conninfo("app"), &source);
  std::vector<std::string> names;
  for (const engine::Check& check : checks.all()) {
    EXPECT_EQ(check.finding.state, State::ok) << check.name << ": " << check.finding.reason;
    EXPECT_EQ(check.subject, "target");
    names.push_back(check.name);
  }
  EXPECT_EQ(names, engine::target_check_names());
}

TEST_F(DoctorTarget, SaysLessWithoutTheSource) {
  const engine::Checks checks = examine(target_->conninfo("app"), nullptr);
  EXPECT_EQ(checks.all().size(), engine::target_check_names().size());
  EXPECT_EQ(checks.exit_code(), Exit::ok);
}

TEST_F(DoctorTarget, EndsWithAConnectionThatFails) {
  const engine::Checks checks = examine(target_->conninfo("nowhere"), nullptr);
  ASSERT_EQ(checks.all().size(), 1u);
  EXPECT_THAT(checks.all()[0].finding.reason, HasSubstr("what needs it was not looked at"));
  EXPECT_EQ(checks.exit_code(), Exit::database);
}

TEST_F(DoctorTarget, NamesWhatIsInIt) {
  target_->psql("app", "CREATE TABLE there (a int)");
  const Finding found = find("empty");
  EXPECT_EQ(found.state, State::failure);
  EXPECT_THAT(found.reason, HasSubstr("relation public.there"));
  EXPECT_THAT(found.remedy, HasSubstr("--create"));
}

TEST_F(DoctorTarget, NamesRolesAndTablespacesThatItLacks) {
  source_->psql("app", format(R"(
    CREATE ROLE "the owner"; CREATE ROLE guest; CREATE ROLE elsewhere;
    SET allow_in_place_tablespaces = on; CREATE TABLESPACE "fast disk" LOCATION '';
    CREATE TABLE t (a int) TABLESPACE "fast disk";
    ALTER TABLE t OWNER TO "the owner"; GRANT SELECT ON t TO guest;)"));
  const Finding roles = find("roles");
  EXPECT_EQ(roles.state, State::failure);
  EXPECT_THAT(roles.objects, ElementsAre("guest", "the owner"));
  target_->psql("app", roles.remedy);
  EXPECT_EQ(find("roles").state, State::ok);
  const Finding tablespaces = find("tablespaces");
  EXPECT_EQ(tablespaces.state, State::failure);
  EXPECT_THAT(tablespaces.objects, ElementsAre("fast disk"));
}

TEST_F(DoctorTarget, NamesExtensionsThatItLacks) {
  // As if the source had been made with a package that the target's machine has not.
  source_->psql("app",
                "CREATE EXTENSION hstore; UPDATE pg_extension SET extname = 'from_afar' "
                "WHERE extname = 'hstore'");
  const Finding found = find("extensions");
  EXPECT_EQ(found.state, State::failure);
  EXPECT_THAT(found.objects, ElementsAre("from_afar"));
}

TEST_F(DoctorTarget, NeedsTheRightToMakeSchemas) {
  target_->psql("app", "CREATE ROLE visitor LOGIN");
  const std::string as_visitor = target_->conninfo("app") + " user=visitor";
  const Finding found = find("rights", as_visitor);
  EXPECT_EQ(found.state, State::failure);
  target_->psql("app", found.remedy);
  EXPECT_EQ(find("rights", as_visitor).state, State::ok);
}

TEST_F(DoctorTarget, IsToldOfAPooler) {
  PGSEAL_SKIP_BECAUSE(test::have_program("pgbouncer") ? "" : "pgbouncer is not installed");
  const test::Pooler pooler(*target_, "session");
  EXPECT_EQ(find("server", pooler.conninfo("app")).state, State::failure);
}

TEST_F(DoctorTarget, IsToldOfASourceThatIsNewer) {
  constexpr int kVersion = 18;
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(kVersion));
  if (target_->version() >= kVersion) GTEST_SKIP() << "the target is as new";
  const test::PostgresServer newer({.version = kVersion});
  newer.create_database("app");
  postgres::Connection source = connect(newer);
  const engine::Checks checks = examine(target_->conninfo("app"), &source);
  for (const engine::Check& check : checks.all()) {
    const bool is_about_it = check.name == "version" || check.name == "programs";
    EXPECT_EQ(check.finding.state, is_about_it ? State::failure : State::ok) << check.name;
  }
}

}  // namespace
}  // namespace pgseal
