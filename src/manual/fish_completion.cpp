#include "base/format.h"
#include "base/text.h"
#include "manual/completions.h"
#include "manual/offers.h"

namespace pgseal::manual {

namespace {

using cli::CommandDescription;
using cli::OptionDescription;

/// What complete(1) is told of a value.
std::string value_flags(const OptionDescription& option) {
  if (option.value.empty()) return "";
  const Value value = value_of(option);
  if (value.file) return " -r -F";
  if (value.directory) return " -x -a '(__fish_complete_directories)'";
  if (value.words.empty()) return " -x";
  return " -x -a " + shell_quoted(joined(value.words, " "));
}

/// `begin` tells of which program the option is, and where.
std::string line(const std::string& begin, const OptionDescription& option) {
  if (option.positional) return value_of(option).file ? begin + " -F\n" : "";
  std::string text = begin;
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return text + value_flags(option) + " -d " + shell_quoted(first_clause(option.help)) + "\n";
}

}  // namespace

std::string fish_completion(const CommandDescription& program) {
  const std::string begin = "complete -c " + program.name;
  std::string text =
      format("# fish completion of {}, made from its own arguments.\n\n", program.name);
  text += begin + " -f\n";
  for (const CommandDescription& command : program.commands) {
    text += format("{} -n __fish_use_subcommand -a {} -d {}\n", begin, command.name,
                   shell_quoted(first_clause(command.help)));
  }
  for (const OptionDescription& option : program.options) {
    text += line(begin + " -n __fish_use_subcommand", option);
  }
  for (const CommandDescription& command : program.commands) {
    text += "\n";
    for (const OptionDescription& option : options_of(command, program)) {
      text += line(format("{} -n '__fish_seen_subcommand_from {}'", begin, command.name), option);
    }
  }
  return text;
}

}  // namespace pgseal::manual
