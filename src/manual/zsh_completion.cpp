#include "base/format.h"
#include "base/text.h"
#include "manual/completions.h"
#include "manual/offers.h"

namespace pgseal::manual {

namespace {

using cli::CommandDescription;
using cli::OptionDescription;

constexpr const char* kBegin = R"(#compdef {0}
# zsh completion of {0}, made from its own arguments.

_{0}() {{
  local -a commands=(
{1}  )
  local state line
  _arguments -C -s \
{2}    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
)";

constexpr const char* kEnd = R"(      esac
      ;;
  esac
}}

_{0} "$@"
)";

std::string with_backslashes(const std::string& text, std::string_view before) {
  std::string result;
  for (const char c : text) {
    if (before.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

/// ":HOST:ACTION", as zshcompsys(1) has it for `_arguments`.
std::string value_spec(const OptionDescription& option) {
  const Value value = value_of(option);
  std::string action = " ";
  if (!value.words.empty()) action = "(" + with_backslashes(joined(value.words, " "), ":") + ")";
  if (value.file) action = "_files";
  if (value.directory) action = "_files -/";
  return ":" + with_backslashes(option.value, ":") + ":" + action;
}

/// A specification for each of the option's names; of an argument one.
std::string specs(const OptionDescription& option, const std::string& indent) {
  if (option.positional) {
    return indent + shell_quoted((option.repeated ? "*" : "") + value_spec(option)) + " \\\n";
  }
  std::string text;
  for (const std::string& name : option.names) {
    // Given once, none of the names is offered again.
    std::string spec = option.repeated ? "*" : "(" + joined(option.names, " ") + ")";
    spec += name;
    if (!option.value.empty()) spec += name.starts_with("--") ? "=" : "+";
    spec += "[" + with_backslashes(first_clause(option.help), "[]") + "]";
    if (!option.value.empty()) spec += value_spec(option);
    text += indent + shell_quoted(spec) + " \\\n";
  }
  return text;
}

}  // namespace

std::string zsh_completion(const CommandDescription& program) {
  std::string commands, options;
  for (const CommandDescription& command : program.commands) {
    commands += "    " + shell_quoted(command.name + ":" + first_clause(command.help)) + "\n";
  }
  for (const OptionDescription& option : program.options) options += specs(option, "    ");
  std::string text = format(kBegin, program.name, commands, options);
  for (const CommandDescription& command : program.commands) {
    text += format("        {})\n          _arguments -s \\\n", command.name);
    for (const OptionDescription& option : options_of(command, program)) {
      text += specs(option, "            ");
    }
    text.resize(text.size() - 3);  // " \\\n"
    text += "\n          ;;\n";
  }
  return text + format(kEnd, program.name);
}

}  // namespace pgseal::manual
