#include "engine/check.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace pgseal::engine {

namespace {

constexpr std::size_t kNamed = 5;  // objects that a line names

Exit code_of(State state, Exit failure) {
  switch (state) {
    case State::failure:
      return failure;
    case State::warning:
      return Exit::warnings;
    default:
      return Exit::ok;
  }
}

}  // namespace

void Checks::add(std::string subject, std::string name, Finding finding, Exit failure) {
  const Exit code = code_of(finding.state, failure);
  all_.push_back({std::move(subject), std::move(name), std::move(finding), code});
}

void Checks::say_that_others_were_not_made() {
  Check& last = all_.back();
  last.finding.reason += "; what needs it was not looked at";
}

Exit Checks::exit_code() const {
  const auto worst = std::max_element(all_.begin(), all_.end(), [](const Check& a, const Check& b) {
    return a.finding.state < b.finding.state;
  });
  return worst == all_.end() ? Exit::ok : worst->code;
}

const char* state_name(State state) {
  static constexpr const char* kNames[] = {"ok", "note", "warning", "failure"};
  return kNames[static_cast<int>(state)];
}

std::string first_few(const std::vector<std::string>& objects) {
  return first_few(objects, objects.size());
}

std::string first_few(const std::vector<std::string>& objects, std::uint64_t count) {
  if (count <= kNamed) return joined(objects, ", ");
  const std::vector<std::string> first(objects.begin(), objects.begin() + kNamed);
  return format("{} and {} more", joined(first, ", "), count - kNamed);
}

}  // namespace pgseal::engine
