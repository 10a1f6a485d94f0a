#include "cli/setting.h"

#include "base/text.h"

namespace pgseal::cli {

bool holds_private_key(const std::string& text) {
  for (const char* mark : {"PRIVATE KEY", "AGE-SECRET-KEY-"}) {
    if (text.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::string Setting::own_variable() const { return "PGSEAL_" + upper_case(key); }

std::vector<std::string> Setting::all_variables() const {
  std::vector<std::string> all = variables;
  if (has_own_variable) all.push_back(own_variable());
  return all;
}

std::string Setting::long_flag() const {
  const auto begin = flag.find("--");
  if (begin == std::string::npos) return flag;
  return flag.substr(begin, flag.find(',', begin) - begin);
}

}  // namespace pgseal::cli
