// Every kind of object through an archive backup and stock pg_restore, on each version of server
// and client that we have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/archive_verify.h"
#include "support/archive_case.h"
#include "support/every_kind.h"
#include "support/requirement.h"

namespace pgseal {
namespace {

constexpr const char* kDatabase = "every_kind";

class ArchiveKinds : public testing::TestWithParam<int> {};

TEST_P(ArchiveKinds, AreRestoredByStockPgRestoreAsTheyWere) {
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam()));
  const test::PostgresServer original(test::every_kind_options(GetParam()));
  test::load_every_kind(original, kDatabase);
  test::ArchiveCase backup_case;
  auto options = backup_case.options(original.conninfo(kDatabase));
  options.program_path = original.bin_dir() + ":" + options.program_path;
  const auto report = backup_case.backup(options);
  EXPECT_GT(report.large_objects, 100u);
  EXPECT_EQ(report.manifest.archive_version, GetParam() < 17 ? "1.14" : "1.16");

  engine::ArchiveProgress progress;
  const auto verified =
      engine::verify_archive({.identities = {backup_case.identity()}}, backup_case.store(),
                             backupset::BackupPlace::parse(report.name).value(), progress, {});
  for (const engine::Defect& finding : verified.findings) ADD_FAILURE() << finding.problem;
  EXPECT_EQ(verified.rows, report.rows);

  const test::PostgresServer copy(test::every_kind_options(GetParam()));
  test::create_every_kind_roles(copy);
  const std::string archive =
      backup_case.export_to(backup_case.directory() / "archive", report.name);
  // In two steps: that a foreign key to a table of an extension has to wait for that table's rows
  // is in no archive of pg_dump's, and `--jobs` may come to it first.
  const std::vector<std::string> pg_restore{copy.bin_dir() + "/pg_restore", "--jobs=2",
                                            "--exit-on-error", archive};
  auto until_data = pg_restore, post_data = pg_restore;
  until_data.insert(until_data.end(), {"--create", "--section=pre-data", "--section=data",
                                       "--dbname=" + copy.conninfo("postgres")});
  post_data.insert(post_data.end(),
                   {"--section=post-data", "--dbname=" + copy.conninfo(kDatabase)});
  test::run_ok(until_data);
  test::run_ok(post_data);
  test::expect_equal_dumps(original, kDatabase, copy, kDatabase);
}

INSTANTIATE_TEST_SUITE_P(Version, ArchiveKinds, testing::Values(15, 17, 18));

}  // namespace
}  // namespace pgseal
