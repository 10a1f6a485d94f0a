// Every kind of object through an archive backup and our own restore, from server to server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "engine/comparison.h"
#include "support/archive_case.h"
#include "support/every_kind.h"
#include "support/requirement.h"

namespace pgseal {
namespace {

constexpr const char* kDatabase = "every_kind";

struct Versions {
  int from = 0, to = 0;
};

/// By what a drill compares with.
void expect_found_equal(test::ArchiveCase& backup_case, const std::string& name,
                        const test::PostgresServer& server, const std::string& program_path) {
  const engine::Database database(postgres::ConnParams::parse(server.conninfo(kDatabase)), {});
  const auto expected = engine::read_content(*backup_case.open(name), {});
  engine::ArchiveProgress progress;
  const auto found =
      engine::read_content({.database = database, .jobs = 2, .program_path = program_path},
                           expected, progress, system_clock(), {});
  const auto comparison = engine::compare(expected, found, {.database_itself = true});
  EXPECT_GT(comparison.tables.size(), 100u);
  EXPECT_EQ(comparison.difference_count(), 0u) << comparison.json().dump(2);
}

class ArchiveRestoreOf : public testing::TestWithParam<Versions> {};

/// Of the same version, the copy's dump is the original's. A newer server words definitions in its
/// own way, so there the judge is what stock pg_restore makes there of the same backup.
TEST_P(ArchiveRestoreOf, EveryKindIsEqual) {
  const auto [from, to] = GetParam();
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(from));
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(to));
  const test::PostgresServer original(test::every_kind_options(from));
  test::load_every_kind(original, kDatabase);
  test::ArchiveCase backup_case;
  auto options = backup_case.options(original.conninfo(kDatabase));
  options.program_path = original.bin_dir() + ":" + options.program_path;
  const std::string name = backup_case.backup(options).name;

  const test::PostgresServer target(test::every_kind_options(to));
  test::create_every_kind_roles(target);
  auto restore = test::ArchiveCase::restore_options(target, "postgres");
  restore.pg_restore.create = true;
  const auto report = backup_case.restore(name, restore);
  EXPECT_EQ(report.database, kDatabase);
  EXPECT_EQ(report.error_count, 0u) << testing::PrintToString(report.errors.size());
  expect_found_equal(backup_case, name, target, restore.program_path);
  EXPECT_EQ(target.psql(kDatabase, "SELECT to_regnamespace('pgseal_restore') IS NULL"), "t");
  if (from == to) {
    test::expect_equal_dumps(original, kDatabase, target, kDatabase, test::RowOrder::any);
    return;
  }
  const test::PostgresServer reference(test::every_kind_options(to));
  test::create_every_kind_roles(reference);
  test::run_ok({reference.bin_dir() + "/pg_restore", "--create", "--exit-on-error",
                "--dbname=" + reference.conninfo("postgres"),
                backup_case.export_to(backup_case.directory() / "archive", name,
                                      engine::ExportForm::plain)});
  test::expect_equal_dumps(reference, kDatabase, target, kDatabase, test::RowOrder::any);
}

INSTANTIATE_TEST_SUITE_P(Server, ArchiveRestoreOf,
                         testing::Values(Versions{15, 15}, Versions{15, 17}, Versions{17, 18}),
                         [](const auto& of) {
                           return std::to_string(of.param.from) + "To" +
                                  std::to_string(of.param.to);
                         });

}  // namespace
}  // namespace pgseal
