#include "cli/problems.h"

#include "base/format.h"

namespace pgseal::cli {

void Problems::throw_if_any() const {
  if (problems_.empty()) return;
  if (problems_.size() == 1) throw Error(problems_.front());
  std::string text = "the configuration has problems:";
  for (const Error& problem : problems_) {
    text += "\n  - " + problem.message();
    if (!problem.hint().empty()) text += " (" + problem.hint() + ")";
  }
  throw Error(Exit::usage, text);
}

std::optional<std::string> choose(const std::optional<std::string>& flag,
                                  const std::vector<std::string>& variables,
                                  const Environment& environment, Problems& problems) {
  if (flag) return flag;
  std::optional<std::string> chosen;
  std::string chosen_name;
  for (const std::string& name : variables) {
    const auto value = environment.get(name);
    if (!value) continue;
    if (!chosen) {
      chosen = value;
      chosen_name = name;
    } else if (*chosen != *value) {
      problems.add(format("{} and {} contradict each other", chosen_name, name));
    }
  }
  return chosen;
}

}  // namespace pgseal::cli
