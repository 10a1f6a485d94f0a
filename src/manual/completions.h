#pragma once
// Completions of commands, options and values for the shells. They ask nobody: what is in a store
// is not looked up while somebody types.

#include <string>

#include "cli/command_description.h"

namespace pgseal::manual {

/// A script that bash-completion, or a person, sources; bash 4 or newer, nothing else needed.
[[nodiscard]] std::string bash_completion(const cli::CommandDescription& program);
/// A function for a directory of zsh's `fpath`.
[[nodiscard]] std::string zsh_completion(const cli::CommandDescription& program);
/// A file for a directory of fish's completions.
[[nodiscard]] std::string fish_completion(const cli::CommandDescription& program);

}  // namespace pgseal::manual
