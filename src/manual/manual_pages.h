#pragma once
// The manual pages of the program and of its commands.

#include <string>
#include <vector>

#include "cli/command_description.h"
#include "manual/generated_file.h"

namespace pgseal::manual {

struct Edition {
  std::string version;  ///< "0.1.0"
  std::string date;     ///< "2026-11-26"
};

/// "man1/pgseal.1", which has exit codes, variables and files, and "man1/pgseal-COMMAND.1" of each
/// command. The parts are those that man-pages(7) names.
[[nodiscard]] std::vector<GeneratedFile> manual_pages(const cli::CommandDescription& program,
                                                      const Edition& edition);

}  // namespace pgseal::manual
