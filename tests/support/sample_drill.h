#pragma once
// A report of a drill that passed, made by hand.

#include <chrono>
#include <string>
#include <vector>

#include "backupset/drill_report.h"

namespace pgseal::test {

inline backupset::RowsFingerprint rows_of(const std::vector<std::string>& rows) {
  backupset::RowsFingerprint fingerprint;
  for (const std::string& row : rows) fingerprint.add(as_bytes(row));
  return fingerprint;
}

/// A table whose rows are as they were.
inline backupset::DrillTable equal_table(const std::string& name, std::uint64_t size,
                                         const std::vector<std::string>& rows) {
  return {.schema = "public",
          .name = name,
          .content_size = size,
          .stored_size = size / 4,
          .expected = rows_of(rows),
          .found = rows_of(rows)};
}

/// Of the backup that SampleArchive makes, unless another is named.
inline backupset::DrillReport sample_drill(
    const std::string& backup = "shop/20261124T041500Z-abcdefgh") {
  using std::chrono::milliseconds;
  backupset::DrillReport report;
  report.backup = backup;
  report.database = "shop";
  report.taken = *parse_utc("2026-11-24T04:15:00Z");
  report.stored_size = 123'456;
  report.server_version = report.pg_dump_version = report.target_version = "15.10";
  report.authenticity = backupset::Authenticity::verified;
  report.signer = "F1C2999058BBD811";
  report.begun = *parse_utc("2026-11-24T06:00:00Z");
  report.finished = *parse_utc("2026-11-24T06:01:23Z");
  report.pgseal_version = "0.1.0";
  report.phases = {{"prove", milliseconds(800)},           {"start", milliseconds(2'100)},
                   {"globals", milliseconds(40)},          {"pre-data", milliseconds(1'200)},
                   {"data", milliseconds(48'000)},         {"post-data", milliseconds(19'500)},
                   {"compare rows", milliseconds(11'000)}, {"compare schema", milliseconds(360)}};
  report.tables = {equal_table("orders", 400'000, {"1\tone", "2\ttwo"}),
                   equal_table("customers", 90'000, {"1\tAnna"})};
  report.sequences.compared = 2;
  report.large_objects.compared = 1;
  report.schema.compared = 17;
  return report;
}

}  // namespace pgseal::test
