#pragma once
// What a shell can offer to whoever types a command.

#include <string>
#include <vector>

#include "cli/command_description.h"

namespace pgseal::manual {

/// What can stand for a value. All false and empty: nobody can guess.
struct Value {
  std::vector<std::string> words;  ///< all that may be typed, where that is known
  bool file = false;
  bool directory = false;
};

/// By the names that the help gives the value: FILE, DIRECTORY, and words that are not in capitals
/// alone.
[[nodiscard]] Value value_of(const cli::OptionDescription& option);

/// The options and arguments of a command, and those of the program that it takes as well.
[[nodiscard]] std::vector<cli::OptionDescription> options_of(
    const cli::CommandDescription& command, const cli::CommandDescription& program);

/// What fits beside a word that is offered: the help as far as its first clause.
[[nodiscard]] std::string first_clause(const std::string& help);

}  // namespace pgseal::manual
