#include "cli/program.h"

int main(int argc, char** argv) {
  return pgseal::cli::run_program_main(argc, argv, pgseal::cli::Environment::current(),
                                       pgseal::system_clock());
}
