#include "base/format.h"
#include "base/text.h"
#include "manual/completions.h"
#include "manual/offers.h"

namespace pgseal::manual {

namespace {

using cli::CommandDescription;
using cli::OptionDescription;
using Names = std::vector<std::string>;

// bash takes "--option=value" for three words.
constexpr const char* kBegin = R"(# bash completion of {0}, made from its own arguments.

_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command='' offer=words words='' i
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${{COMP_WORDS[i]}} in
      {1}) ((++i)) ;;
      {2}) command=${{COMP_WORDS[i]}} && break ;;
    esac
  done
  case $command in
)";

// Of what is a file's name, bash quotes spaces and tells directories.
constexpr const char* kEnd = R"(  esac
  case $offer in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    files) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    directories) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    nothing) COMPREPLY=() ;;
  esac
}}
complete -F _{0} {0}
)";

/// A branch of the inner `case`, about the word before.
std::string branch(const Names& names, const std::string& action) {
  if (names.empty()) return "";
  return format("        {}) {} ;;\n", joined(names, " | "), action);
}

/// A branch of the outer `case`: what is offered once the line has `command`.
std::string offers(const std::string& command, const std::vector<OptionDescription>& options,
                   Names words) {
  Names of_files, of_directories, of_nothing;
  std::string of_words;
  bool takes_files = false;
  for (const OptionDescription& option : options) {
    const Value value = value_of(option);
    if (option.positional) {
      takes_files = takes_files || value.file;
      continue;
    }
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (option.value.empty()) continue;
    if (!value.words.empty()) {
      of_words += branch(option.names, "words=" + shell_quoted(joined(value.words, " ")));
      continue;
    }
    Names& same = value.file ? of_files : value.directory ? of_directories : of_nothing;
    same.insert(same.end(), option.names.begin(), option.names.end());
  }
  std::string text = format("    {})\n      case $previous in\n{}", command, of_words);
  text += branch(of_files, "offer=files");
  text += branch(of_directories, "offer=directories");
  text += branch(of_nothing, "offer=nothing");
  text += format("        *)\n          words={}\n", shell_quoted(joined(words, " ")));
  if (takes_files) text += "          [[ $current == -* ]] || offer=files\n";
  return text + "          ;;\n      esac\n      ;;\n";
}

}  // namespace

std::string bash_completion(const CommandDescription& program) {
  Names commands, with_value;
  for (const CommandDescription& command : program.commands) commands.push_back(command.name);
  for (const OptionDescription& option : program.options) {
    if (!option.value.empty()) {
      with_value.insert(with_value.end(), option.names.begin(), option.names.end());
    }
  }
  std::string text =
      format(kBegin, program.name, joined(with_value, " | "), joined(commands, " | "));
  text += offers("''", program.options, commands);
  for (const CommandDescription& command : program.commands) {
    text += offers(command.name, options_of(command, program), {});
  }
  return text + format(kEnd, program.name);
}

}  // namespace pgseal::manual
