#include "postgres/child.h"

#include <algorithm>

namespace pgseal::postgres {

std::map<std::string, std::string> child_environment(const ConnParams& params) {
  std::map<std::string, std::string> environment{{"LC_ALL", "C"}};
  if (!params.password().empty()) environment["PGPASSWORD"] = params.password().reveal();
  return environment;
}

std::string own_words(const std::vector<std::string>& lines) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = lines.size() - std::min(lines.size(), kMost); i < lines.size(); ++i) {
    text += (text.empty() ? ": " : "; ") + lines[i];
  }
  return text;
}

}  // namespace pgseal::postgres
