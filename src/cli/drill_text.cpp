#include "cli/drill_text.h"

#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/table.h"

namespace pgseal::cli {

namespace {

using backupset::Comparison;
using backupset::DrillFinding;
using backupset::DrillReport;
using backupset::DrillTable;
using backupset::TableMatch;

std::string rows_text(const std::optional<backupset::RowsFingerprint>& rows) {
  return rows ? std::to_string(rows->rows()) : "-";
}

/// What is wrong with a table whose rows are not as they were.
std::string difference_text(const DrillTable& table) {
  switch (table.match()) {
    case TableMatch::missing:
      return format("is missing, with its {}", count_text(table.expected->rows(), "row"));
    case TableMatch::extra:
      return format("is not in the backup, and has {}", count_text(table.found->rows(), "row"));
    default:
      break;
  }
  if (table.found->rows() != table.expected->rows()) {
    return format("has {}, not {}", count_text(table.found->rows(), "row"), table.expected->rows());
  }
  return format("has {}, as many as in the backup, but other contents: fingerprint {}, not {}",
                count_text(table.found->rows(), "row"), table.found->hex(), table.expected->hex());
}

}  // namespace

std::vector<DrillFinding> differences_of(const Comparison& comparison) {
  std::vector<DrillFinding> all;
  for (const DrillTable& table : comparison.tables) {
    if (table.match() == TableMatch::equal || table.match() == TableMatch::left_out) continue;
    all.push_back({"TABLE " + table_name(table), difference_text(table)});
  }
  append(all, comparison.sequences.differences);
  append(all, comparison.large_objects.differences);
  append(all, comparison.schema.differences);
  return all;
}

std::vector<DrillFinding> left_out_of(const Comparison& comparison) {
  std::vector<DrillFinding> all;
  for (const DrillTable& table : comparison.tables) {
    if (table.match() != TableMatch::left_out) continue;
    all.push_back({"TABLE " + table_name(table), table.left_out});
  }
  append(all, comparison.left_out);
  return all;
}

std::string findings_text(const std::string& heading, const std::vector<DrillFinding>& findings) {
  if (findings.empty()) return "";
  std::vector<std::vector<std::string>> rows{{heading, ""}};
  for (const DrillFinding& finding : findings) rows.push_back({finding.object, finding.text});
  return "\n" + table_text(rows);
}

TableTotals totals_of(const Comparison& comparison) {
  TableTotals totals;
  for (const DrillTable& table : comparison.tables) {
    if (!table.expected) continue;
    ++totals.tables;
    totals.equal += table.match() == TableMatch::equal;
    totals.rows += table.expected->rows();
    totals.content_size += table.content_size;
    totals.stored_size += table.stored_size;
  }
  return totals;
}

std::string table_name(const DrillTable& table) { return table.schema + "." + table.name; }

std::string count_text(std::uint64_t count, const std::string& what) {
  return format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string phase_text(const backupset::DrillPhase& phase) {
  const auto milliseconds = phase.duration.count();
  return milliseconds < 1000 ? format("{} ms", milliseconds) : format_duration(phase.duration);
}

std::string target_text(const DrillReport& report) {
  const std::string server =
      "PostgreSQL" + (report.target_version.empty() ? "" : " " + report.target_version);
  return report.target.empty() ? "a throw-away " + server : format("{}, {}", report.target, server);
}

std::string authenticity_text(const DrillReport& report) {
  switch (report.authenticity) {
    case backupset::Authenticity::verified:
      return "signed by " + report.signer;
    case backupset::Authenticity::not_checked:
      return "signed, but nobody said by whom it has to be (--signer)";
    case backupset::Authenticity::unsigned_:
      return "not signed: nothing proves who made it";
    case backupset::Authenticity::refused:
      break;
  }
  return "refused: not signed as it has to be";
}

std::string why_failed(const DrillReport& report) {
  std::vector<std::string> reasons;
  if (!report.failure.empty()) reasons.push_back(report.failure);
  const auto add = [&](std::uint64_t count, const std::string& what) {
    if (count > 0) reasons.push_back(count_text(count, what));
  };
  add(report.difference_count(), "difference");
  add(report.restore_errors.size(), "restore error");
  if (report.is_all_left_out()) reasons.push_back("every table was left out");
  if (report.strict && report.left_out_count() > 0) {
    reasons.push_back(format("{} left out", report.left_out_count()));
  }
  return joined(reasons, ", ");
}

std::string drill_text(const DrillReport& report) {
  std::vector<std::vector<std::string>> phases{{"PHASE", "TOOK"}};
  for (const auto& phase : report.phases) phases.push_back({phase.name, phase_text(phase)});
  std::vector<std::vector<std::string>> tables{
      {"TABLE", "ROWS", "FOUND", "SIZE", "STORED", "MATCH"}};
  for (const DrillTable& table : report.tables) {
    tables.push_back({table_name(table), rows_text(table.expected), rows_text(table.found),
                      format_size(table.content_size), format_size(table.stored_size),
                      backupset::match_name(table.match())});
  }
  return table_text(phases) + "\n" + table_text(tables) +
         format("{}, {}, {} of the schema\n", count_text(report.sequences.compared, "sequence"),
                count_text(report.large_objects.compared, "large object"),
                count_text(report.schema.compared, "object")) +
         findings_text("DIFFERENT", differences_of(report)) +
         findings_text("RESTORE ERROR", report.restore_errors) +
         findings_text("LEFT OUT", left_out_of(report)) + "\n";
}

std::string drill_line(const DrillReport& report) {
  const TableTotals totals = totals_of(report);
  const std::string took = format_duration(report.finished - report.begun);
  if (!report.passed()) {
    return format("the drill of \"{}\" failed after {}: {}", report.backup, took,
                  why_failed(report));
  }
  std::string line =
      format("drilled \"{}\": restored into {}, {} of {} equal ({}, {}) in {}", report.backup,
             target_text(report), totals.equal, count_text(totals.tables, "table"),
             count_text(totals.rows, "row"), format_size(totals.content_size), took);
  if (report.left_out_count() > 0) line += format("; {} left out", report.left_out_count());
  return line;
}

}  // namespace pgseal::cli
