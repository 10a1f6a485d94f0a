#include "postgres/child.h"

namespace pgseal::postgres {

std::map<std::string, std::string> child_environment(const ConnParams& params) {
  std::map<std::string, std::string> environment{{"LC_MESSAGES", "C"}};
  if (!params.password().empty()) environment["PGPASSWORD"] = params.password().reveal();
  return environment;
}

std::string own_words(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? ": " : "; ") + line;
  return text;
}

}  // namespace pgseal::postgres
