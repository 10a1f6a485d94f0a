#include "cli/verify_report.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open_archive.h"
#include "cli/table.h"
#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

using engine::Defect;
using engine::Verification;

const char* signature_of(const Verification& result) {
  return result.authenticity ? signature_word(*result.authenticity) : "-";
}

bool is_damaged(const Verification& result) {
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [](const Defect& f) { return f.code == Exit::verification; });
}

/// The worst of one backup: `ok` where nothing is wrong.
Exit code_of(const Verification& result) {
  if (is_damaged(result) || result.authenticity == backupset::Authenticity::refused) {
    return Exit::verification;
  }
  return result.good() ? Exit::ok : result.findings.front().code;
}

const char* word_of(const Verification& result) {
  switch (code_of(result)) {
    case Exit::ok:
      return "ok";
    case Exit::key:
      return "wrong key";
    case Exit::not_found:
      return "not there";
    case Exit::storage:
      return "out of reach";
    default:
      return is_damaged(result) ? "DAMAGED" : "WRONG SIGNER";
  }
}

std::string to_line(const Defect& finding) {
  constexpr std::size_t kMostNamed = 10;
  std::string text = format("{}: {}", finding.object, finding.problem);
  if (finding.holds.empty()) return text;
  const std::size_t named = std::min(kMostNamed, finding.holds.size());
  text += " (" + joined(std::vector(finding.holds.begin(),
                                    finding.holds.begin() + static_cast<std::ptrdiff_t>(named)),
                        ", ");
  if (named < finding.holds.size()) text += format(" and {} more", finding.holds.size() - named);
  return text + ")";
}

}  // namespace

Json VerifyReport::to_json(const Backup& backup) {
  const Verification& result = backup.result;
  Json findings = Json::array();
  for (const Defect& finding : result.findings) {
    findings.push_back({{"object", finding.object},
                        {"problem", finding.problem},
                        {"exit_code", static_cast<int>(finding.code)},
                        {"holds", finding.holds}});
  }
  return {
      {"backup", backup.name}, {"format", backup.format_name}, {"signature", signature_of(result)},
      {"steps", result.steps}, {"objects", result.objects},    {"read_bytes", result.read},
      {"rows", result.rows},   {"findings", findings},         {"notes", result.notes},
      {"ok", result.good()}};
}

std::vector<std::string> VerifyReport::to_cells(const Backup& backup) {
  const Verification& result = backup.result;
  return {backup.name,
          backup.format_name,
          signature_of(result),
          result.steps.empty() ? "-" : joined(result.steps, ", "),
          std::to_string(result.objects),
          format_size(result.read),
          std::to_string(result.rows),
          std::to_string(result.findings.size()),
          word_of(result)};
}

std::string VerifyReport::to_text() const {
  std::vector<std::vector<std::string>> rows{
      {"BACKUP", "FORMAT", "SIGNATURE", "PROVED", "OBJECTS", "READ", "ROWS", "FINDINGS", "RESULT"}};
  std::string lines;
  for (const Backup& backup : backups_) {
    rows.push_back(to_cells(backup));
    for (const Defect& finding : backup.result.findings) {
      lines += "\n" + printable(to_line(finding)).text;
    }
    for (const std::string& note : backup.result.notes) {
      lines += "\n" + printable(format("note: {}: {}", backup.name, note)).text;
    }
  }
  return table_text(rows) + (lines.empty() ? "" : lines + "\n");
}

void VerifyReport::print(bool as_json) const {
  if (as_json) {
    Json json = Json::array();
    for (const Backup& backup : backups_) json.push_back(to_json(backup));
    print_output(json_text(json));
  } else if (!backups_.empty()) {
    print_output(to_text());
  } else {
    log::info("no backup was verified");
  }
}

Exit VerifyReport::exit_code() const {
  Exit worst = Exit::ok;
  for (const Backup& backup : backups_) {
    const Exit code = code_of(backup.result);
    if (code == Exit::verification || worst == Exit::ok) worst = code;
  }
  return worst;
}

}  // namespace pgseal::cli
