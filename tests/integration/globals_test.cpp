#include "postgres/globals.h"

#include <gtest/gtest.h>

#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::postgres {
namespace {

using test::PostgresServer;

constexpr const char* kRoles = R"sql(
CREATE ROLE app LOGIN PASSWORD 'top-secret' CONNECTION LIMIT 7 VALID UNTIL '2031-02-03 04:05:06.5+02';
CREATE ROLE "Ünï ""quoted"" 'it''s' \ $1 %I" NOINHERIT CREATEDB CREATEROLE REPLICATION BYPASSRLS;
CREATE ROLE "two
DROP ROLE app; -- lines" LOGIN VALID UNTIL 'infinity';
CREATE ROLE boss SUPERUSER;
CREATE ROLE team; CREATE ROLE "Lead"; CREATE ROLE deputy; CREATE ROLE member;
GRANT team TO "Lead" WITH ADMIN OPTION;
GRANT team TO "two
DROP ROLE app; -- lines";
GRANT pg_read_all_stats TO app, member;
GRANT "Lead" TO "Ünï ""quoted"" 'it''s' \ $1 %I";

CREATE DATABASE "My 'db'";
ALTER ROLE app SET search_path TO "$user", public, "Odd ""x, y""";
ALTER ROLE app SET work_mem TO '7MB';
ALTER ROLE app SET "DateStyle" TO 'ISO, DMY';
ALTER ROLE app SET my.variable TO E'a = "b", \\ it''s\nnew';
ALTER ROLE app IN DATABASE "My 'db'" SET search_path TO '';
ALTER ROLE app IN DATABASE "My 'db'" SET "my.Other" TO 'x=y';
ALTER ROLE "two
DROP ROLE app; -- lines" IN DATABASE "My 'db'" SET statement_timeout TO '5s';
ALTER ROLE ALL SET my.everybody TO '1';

CREATE ROLE rdsadmin SUPERUSER; CREATE ROLE rds_superuser; CREATE ROLE cloudsqlagent LOGIN;
GRANT rds_superuser TO app; GRANT rds_superuser TO rdsadmin; GRANT team TO rdsadmin;
ALTER ROLE rdsadmin SET work_mem TO '1MB';
)sql";

// From 16 on, who granted counts.
constexpr const char* kGrants = R"sql(
SET ROLE "Lead"; GRANT team TO deputy WITH ADMIN TRUE, INHERIT FALSE;
SET ROLE deputy; GRANT team TO member WITH SET FALSE;
SET ROLE "Lead"; GRANT team TO member;
RESET ROLE; GRANT team TO member WITH INHERIT FALSE;
)sql";

std::string mine(const std::string& name) {
  return "(" + name + " NOT LIKE 'rds%' AND " + name + " NOT LIKE 'cloudsql%')";
}

std::string roles_of(const PostgresServer& server) {
  const std::string options = server.version() < 16
                                  ? "admin_option"
                                  : "admin_option, inherit_option, set_option, m.grantor::regrole";
  return server.psql(
      "postgres",
      "SET TimeZone = 'UTC';"
      "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, "
      "rolreplication, rolconnlimit, rolvaliduntil, rolbypassrls FROM pg_roles WHERE " +
          mine("rolname") +
          " ORDER BY rolname COLLATE \"C\";"
          "SELECT roleid::regrole, member::regrole, " +
          options + " FROM pg_auth_members m WHERE " + mine("roleid::regrole::text") + " AND " +
          mine("member::regrole::text") +
          " ORDER BY roleid::regrole::text COLLATE \"C\", member::regrole::text COLLATE \"C\", "
          "grantor::regrole::text COLLATE \"C\";"
          "SELECT setrole::regrole, datname, setconfig FROM pg_db_role_setting LEFT JOIN "
          "pg_database d ON d.oid = setdatabase WHERE " +
          mine("setrole::regrole::text") +
          " ORDER BY setrole::regrole::text COLLATE \"C\", datname COLLATE \"C\"");
}

class GlobalsOf : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam())); }
};
INSTANTIATE_TEST_SUITE_P(Server, GlobalsOf, testing::Values(15, 17, 18));

TEST_P(GlobalsOf, MakeTheSameRolesOnAFreshServer) {
  const PostgresServer from({.version = GetParam()}), to({.version = GetParam()});
  from.psql("postgres", kRoles);
  if (GetParam() >= 16) from.psql("postgres", kGrants);
  ConnParams params = ConnParams::parse(from.conninfo("postgres"));
  params.set("user", "app");  // without any privilege
  Connection connection(params, {});
  const std::string script = dump_globals(connection);

  const test::TempDir files;
  test::write_text(files / "globals.sql", script);
  to.psql_file("postgres", files / "globals.sql");  // the database of some settings is missing
  to.psql("postgres", "CREATE DATABASE \"My 'db'\"");
  to.psql_file("postgres", files / "globals.sql");  // and what is there already does no harm
  EXPECT_EQ(roles_of(to), roles_of(from)) << script;
}

TEST_P(GlobalsOf, NameWhatTheyLeaveOut) {
  const PostgresServer server({.version = GetParam()});
  server.psql("postgres", kRoles);
  Connection connection(ConnParams::parse(server.conninfo("postgres")), {});
  const std::string script = dump_globals(connection);
  EXPECT_EQ(script.find("top-secret"), std::string::npos);
  EXPECT_EQ(script.find("SCRAM"), std::string::npos);
  EXPECT_NE(script.find("\n-- the password of app is not in the backup\n"), std::string::npos);
  EXPECT_EQ(script.find("the password of team"), std::string::npos);
  EXPECT_NE(script.find("\n-- the password of two DROP ROLE app; -- lines is not in the backup\n"),
            std::string::npos);
  const std::size_t at = script.find("-- left out, being the server's or its platform's own: ");
  ASSERT_NE(at, std::string::npos);
  const std::string left_out = script.substr(at, script.find('\n', at) - at);
  for (const char* role : {"cloudsqlagent", "pg_monitor", "rds_superuser", "rdsadmin"}) {
    EXPECT_NE(left_out.find(role), std::string::npos) << role;
  }
  EXPECT_EQ(script.find("CREATE ROLE rds"), std::string::npos);
  EXPECT_EQ(script.find("TO rdsadmin"), std::string::npos);
  EXPECT_EQ(script.find("ROLE rdsadmin"), std::string::npos);
}

}  // namespace
}  // namespace pgseal::postgres
