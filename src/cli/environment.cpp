#include "cli/environment.h"

#include <unistd.h>

extern char** environ;

namespace pgseal::cli {

Environment Environment::current() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (const auto at = text.find('='); at != std::string::npos) {
      variables.emplace(text.substr(0, at), text.substr(at + 1));
    }
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::get(const std::string& name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace pgseal::cli
