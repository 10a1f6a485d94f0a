#pragma once
// The program as a function, so that tests may call it, and what it can be told.

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/environment.h"

namespace pgseal::cli {

struct LogFlags {
  bool verbose = false;
  bool quiet = false;
};

/// The arguments, declared; and what they were, once `line` has parsed them.
struct Arguments {
  Arguments();

  CommandLine line;
  LogFlags log_flags;
  GivenFlags flags;
  Action action;
};

/// Parses the arguments, runs the command, reports errors; returns the exit code.
[[nodiscard]] int run_program_main(int argc, char** argv, const Environment& environment,
                                   const Clock& clock);

}  // namespace pgseal::cli
