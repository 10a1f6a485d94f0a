// Writes what is installed beside pgseal: manual pages and completions.
// usage: pgseal_manual DIRECTORY DATE
//
// DATE, as 2026-11-26, is what the pages bear.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "cli/program.h"
#include "manual/completions.h"
#include "manual/manual_pages.h"

namespace pgseal::manual {
namespace {

std::vector<GeneratedFile> all_files(const std::string& date) {
  const cli::CommandDescription program = cli::Arguments().line.description();
  std::vector<GeneratedFile> files = manual_pages(program, {PGSEAL_VERSION, date});
  files.push_back({"bash/" + program.name, bash_completion(program)});
  files.push_back({"zsh/_" + program.name, zsh_completion(program)});
  files.push_back({"fish/" + program.name + ".fish", fish_completion(program)});
  return files;
}

void write_files(const std::filesystem::path& directory, const std::string& date) {
  for (const GeneratedFile& file : all_files(date)) {
    const std::filesystem::path path = directory / file.path;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream stream;
    stream.exceptions(std::ios::badbit | std::ios::failbit);
    stream.open(path, std::ios::binary);
    stream << file.text << std::flush;
  }
}

}  // namespace
}  // namespace pgseal::manual

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: pgseal_manual DIRECTORY DATE\n", stderr);
    return 2;
  }
  try {
    pgseal::manual::write_files(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pgseal_manual: cannot write to \"%s\": %s\n", argv[1], error.what());
    return 1;
  }
}
