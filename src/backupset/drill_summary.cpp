#include "backupset/drill_summary.h"

#include "backupset/archive_layout.h"
#include "backupset/strict_json.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

constexpr const char* kFormat = "pgseal-drill";
constexpr std::uint64_t kVersion = 1;

std::string backup_from(const JsonReader& json) {
  if (!BackupPlace::parse(json.string())) throw json.fail("is no backup's name");
  return json.string();
}

bool verdict_from(const JsonReader& json) {
  for (const bool passed : {true, false}) {
    if (json.string() == verdict_name(passed)) return passed;
  }
  throw json.fail("is neither \"ok\" nor \"failed\"");
}

DrillSummary summary_from(const JsonReader& json) {
  require_format(json, kFormat, kVersion);
  json.require_only({"backup", "begun", "finished", "format", "left_out", "pgseal_version",
                     "verdict", "version"});
  DrillSummary summary;
  summary.backup = backup_from(json.member("backup"));
  summary.begun = json.member("begun").time();
  summary.finished = json.member("finished").time();
  summary.passed = verdict_from(json.member("verdict"));
  summary.left_out = json.member("left_out").number();
  summary.pgseal_version = json.member("pgseal_version").string();
  return summary;
}

}  // namespace

const char* verdict_name(bool passed) { return passed ? "ok" : "failed"; }

std::string verdict_text(bool passed, std::uint64_t left_out) {
  const std::string verdict = verdict_name(passed);
  return passed && left_out > 0 ? format("{}, {} left out", verdict, left_out) : verdict;
}

std::string DrillSummary::to_json() const {
  const Json json = {{"format", kFormat},
                     {"version", kVersion},
                     {"backup", backup},
                     {"begun", format_utc(begun)},
                     {"finished", format_utc(finished)},
                     {"verdict", verdict_name(passed)},
                     {"left_out", left_out},
                     {"pgseal_version", pgseal_version}};
  return json.dump() + "\n";
}

DrillSummary DrillSummary::parse(std::string_view text) {
  const Json json = parse_strict_json(text, "drill's summary");
  DrillSummary summary = summary_from(JsonReader(json, "drill's summary"));
  if (summary.to_json() != text) {
    throw Error(Exit::verification, "cannot read the drill's summary: it is not in canonical form");
  }
  return summary;
}

}  // namespace pgseal::backupset
