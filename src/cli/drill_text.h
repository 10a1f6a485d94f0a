#pragma once
// A drill's report in words, for the terminal and for the page.

#include <string>
#include <vector>

#include "backupset/drill_report.h"

namespace pgseal::cli {

/// What differs, tables first.
[[nodiscard]] std::vector<backupset::DrillFinding> differences_of(
    const backupset::Comparison& comparison);
/// What was left out, and why; tables first.
[[nodiscard]] std::vector<backupset::DrillFinding> left_out_of(
    const backupset::Comparison& comparison);
/// Rows of `table_text()` under a heading: object and text of each finding, which may be many
/// lines.
[[nodiscard]] std::string findings_text(const std::string& heading,
                                        const std::vector<backupset::DrillFinding>& findings);

/// Sums over the tables of the expected side.
struct TableTotals {
  std::uint64_t tables = 0, equal = 0, rows = 0, content_size = 0, stored_size = 0;
};
[[nodiscard]] TableTotals totals_of(const backupset::Comparison& comparison);

/// "public.orders"
[[nodiscard]] std::string table_name(const backupset::DrillTable& table);
/// "3 rows", "1 row".
[[nodiscard]] std::string count_text(std::uint64_t count, const std::string& what);
/// "40 ms", "4.2 s", "3 min 20 s".
[[nodiscard]] std::string phase_text(const backupset::DrillPhase& phase);
/// "a throw-away PostgreSQL 15.10"; of a database that was named "\"x\" at \"h\",
/// PostgreSQL 15.10". Without a version where the drill did not get so far.
[[nodiscard]] std::string target_text(const backupset::DrillReport& report);
/// Who vouches for the backup: "signed by F1C2999058BBD811".
[[nodiscard]] std::string authenticity_text(const backupset::DrillReport& report);
/// "it ended early, 3 differences, 1 error of the restore": why it failed; "" where it passed.
[[nodiscard]] std::string why_failed(const backupset::DrillReport& report);

/// Tables for people: phases, tables, what differs, what was left out and why.
[[nodiscard]] std::string drill_text(const backupset::DrillReport& report);
/// The last word, in one line.
[[nodiscard]] std::string drill_line(const backupset::DrillReport& report);

}  // namespace pgseal::cli
