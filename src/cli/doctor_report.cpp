#include "cli/doctor_report.h"

#include <map>
#include <sstream>

#include "base/format.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/table.h"
#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

using engine::Check;
using engine::State;

/// "12 ok, 1 note, 2 warnings, 0 failures"
std::string summary(const std::vector<Check>& checks) {
  std::map<State, int> counts;
  for (const Check& check : checks) ++counts[check.finding.state];
  std::vector<std::string> parts;
  for (const State state : {State::ok, State::note, State::warning, State::failure}) {
    const bool plural = state != State::ok && counts[state] != 1;
    parts.push_back(format("{} {}{}", counts[state], state_name(state), plural ? "s" : ""));
  }
  return joined(parts, ", ");
}

}  // namespace

std::string doctor_text(const engine::Checks& checks) {
  std::vector<std::vector<std::string>> rows;
  for (const Check& check : checks.all()) {
    rows.push_back(
        {state_name(check.finding.state), check.subject + " " + check.name, check.finding.reason});
  }
  std::istringstream lines(table_text(rows));
  std::string text;
  for (const Check& check : checks.all()) {
    std::string line;
    std::getline(lines, line);
    text += line + "\n";
    std::istringstream remedy(check.finding.remedy);
    while (std::getline(remedy, line)) text += "             " + printable(line).text + "\n";
  }
  return text + "\n" + summary(checks.all()) + "\n";
}

Json doctor_json(const engine::Checks& checks) {
  Json all = Json::array();
  for (const Check& check : checks.all()) {
    Json one = {{"subject", check.subject},
                {"name", check.name},
                {"state", state_name(check.finding.state)},
                {"reason", check.finding.reason}};
    if (!check.finding.remedy.empty()) one["remedy"] = check.finding.remedy;
    if (!check.finding.objects.empty()) one["objects"] = check.finding.objects;
    all.push_back(std::move(one));
  }
  return {{"checks", std::move(all)}, {"exit_code", static_cast<int>(checks.exit_code())}};
}

}  // namespace pgseal::cli
