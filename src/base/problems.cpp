#include "base/problems.h"

#include <algorithm>

namespace pgseal {

void Problems::add(Error problem) {
  const auto is_same = [&](const Error& known) { return known.message() == problem.message(); };
  if (std::none_of(problems_.begin(), problems_.end(), is_same)) {
    problems_.push_back(std::move(problem));
  }
}

std::string Problems::text() const {
  if (problems_.empty()) return "";
  if (problems_.size() == 1) return problems_.front().message();
  std::string text = title_ + ":";
  for (const Error& problem : problems_) {
    text += "\n  - " + problem.message();
    if (!problem.hint().empty()) text += " (" + problem.hint() + ")";
  }
  return text;
}

void Problems::throw_if_any() const {
  if (problems_.empty()) return;
  if (problems_.size() == 1) throw Error(problems_.front());
  throw Error(problems_.front().code(), text());
}

}  // namespace pgseal
