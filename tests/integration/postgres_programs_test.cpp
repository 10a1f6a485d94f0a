// Programs of PostgreSQL versions that are not this machine's, as a person and as pgseal meet them.

#include "support/postgres_programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "postgres/programs.h"
#include "support/command.h"
#include "support/postgres_server.h"
#include "support/requirement.h"

namespace pgseal::test {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

class PostgresPrograms : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(why_no_postgres(GetParam())); }
};

TEST_P(PostgresPrograms, AreFoundByPgsealOnAPath) {
  const std::string bin_dir = postgres_bin_dir(GetParam());
  for (const char* name : {"pg_dump", "pg_restore", "psql"}) {
    const std::vector<postgres::Program> found = postgres::find_programs(name, bin_dir, {});
    EXPECT_THAT(found, Contains(Field(&postgres::Program::path, bin_dir + "/" + name)));
    EXPECT_EQ(postgres::choose_pg_dump(found, GetParam() * 10000, "").major(), GetParam());
  }
}

TEST_P(PostgresPrograms, KeepStreamsExitCodesAndArguments) {
  const CommandResult result =
      run({postgres_bin_dir(GetParam()) + "/pg_restore", "--list", "-"}, {.input = "no archive"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("pg_restore: error: "));
  const CommandResult odd =
      run({postgres_bin_dir(GetParam()) + "/pg_restore", "--list", "it's \"odd\" $x"});
  EXPECT_THAT(odd.err, HasSubstr("it's \"odd\" $x"));
}

TEST_P(PostgresPrograms, ServeAndEndBySigpipe) {
  const PostgresServer server({.version = GetParam()});
  server.psql("postgres", "CREATE TABLE t AS SELECT generate_series(1, 100000) AS i");
  EXPECT_EQ(server.psql("postgres", "SHOW server_version_num").substr(0, 2),
            std::to_string(GetParam()));
  const CommandResult result =
      sh(format("set +e; {}/pg_dump '{}' | head -c 10; echo ${{PIPESTATUS[0]}}", server.bin_dir(),
                server.conninfo("postgres")));
  EXPECT_THAT(result.out, ::testing::EndsWith("141\n")) << result.describe();  // 128 + SIGPIPE
}

INSTANTIATE_TEST_SUITE_P(Of, PostgresPrograms, ::testing::Values(15, 17, 18),
                         [](const auto& of) { return std::to_string(of.param); });

}  // namespace
}  // namespace pgseal::test
