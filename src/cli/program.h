#pragma once
// The program as a function, so that tests may call it.

#include "base/clock.h"
#include "cli/environment.h"

namespace pgseal::cli {

/// Parses the arguments, runs the command, reports errors; returns the exit code.
[[nodiscard]] int run_program_main(int argc, char** argv, const Environment& environment,
                                   const Clock& clock);

}  // namespace pgseal::cli
