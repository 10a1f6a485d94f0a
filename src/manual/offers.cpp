#include "manual/offers.h"

#include <algorithm>
#include <sstream>

namespace pgseal::manual {

namespace {

bool is_placeholder(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '='; });
}

bool share_a_name(const cli::OptionDescription& a, const cli::OptionDescription& b) {
  return std::find_first_of(a.names.begin(), a.names.end(), b.names.begin(), b.names.end()) !=
         a.names.end();
}

}  // namespace

Value value_of(const cli::OptionDescription& option) {
  Value value;
  std::istringstream names(option.value);
  for (std::string name; std::getline(names, name, '|');) {
    if (name == "FILE") {
      value.file = true;
    } else if (name == "DIRECTORY") {
      value.directory = true;
    } else if (!is_placeholder(name)) {
      value.words.push_back(name);
    }
  }
  return value;
}

std::vector<cli::OptionDescription> options_of(const cli::CommandDescription& command,
                                               const cli::CommandDescription& program) {
  std::vector<cli::OptionDescription> options = command.options;
  for (const cli::OptionDescription& option : program.options) {
    if (std::none_of(command.options.begin(), command.options.end(),
                     [&](const auto& own) { return share_a_name(own, option); })) {
      options.push_back(option);
    }
  }
  return options;
}

std::string first_clause(const std::string& help) {
  return help.substr(0, std::min({help.find("; "), help.find(" ("), help.find(": ")}));
}

}  // namespace pgseal::manual
