#include "postgres/programs.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/process.h"

namespace pgseal::postgres {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

/// Real files, each once, whatever links lead to it.
std::set<std::string> candidates(const std::string& name, const std::string& path_variable) {
  std::vector<std::string> paths = matching("/usr/lib/postgresql/*/bin/" + name);
  for (std::string& path : matching("/usr/pgsql-*/bin/" + name)) paths.push_back(std::move(path));
  std::istringstream folders(path_variable);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty()) paths.push_back((fs::path(folder) / name).string());
  }
  std::set<std::string> result;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error || ::access(real.c_str(), X_OK) != 0 || fs::is_directory(real)) continue;
    if (real.filename() != "pg_wrapper") result.insert(real.string());
  }
  return result;
}

std::string list_of(const std::vector<Program>& programs) {
  std::string text;
  for (const Program& p : programs)
    text += format("{}{}", text.empty() ? "" : ", ", p.version_text);
  return text;
}

/// The oldest that is as new as both major versions, else the newest that is as new as the first;
/// null where none is.
const Program* oldest_fit(const std::vector<Program>& installed, int required, int wanted) {
  const Program* best = nullptr;
  for (const Program& program : installed) {
    if (program.major() < required) continue;
    // Newest first: within a major version the first seen is the newest minor.
    const bool older = best != nullptr && program.major() < best->major();
    if (best == nullptr || (older && program.major() >= wanted)) best = &program;
  }
  return best;
}

}  // namespace

int parse_program_version(const std::string& text) {
  static const std::regex kVersion(R"(\(PostgreSQL\) (\d+)(?:\.(\d+))?)");
  std::smatch match;
  if (!std::regex_search(text, match, kVersion)) return 0;
  return std::stoi(match[1]) * 10000 + (match[2].matched ? std::stoi(match[2]) : 0);
}

int parse_version(const std::string& text) { return parse_program_version("(PostgreSQL) " + text); }

std::vector<Program> find_programs(const std::string& name, const std::string& path_variable,
                                   const std::stop_token& stop) {
  std::vector<Program> programs;
  for (const std::string& path : candidates(name, path_variable)) {
    try {
      const int version = parse_program_version(run_program({path, "--version"}, stop));
      if (version == 0) continue;
      programs.push_back({path, version, format("{}.{}", version / 10000, version % 10000)});
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      log::debug("{} is left out: {}", path, error.message());
    }
  }
  std::stable_sort(programs.begin(), programs.end(),
                   [](const Program& a, const Program& b) { return a.version > b.version; });
  return programs;
}

Program choose_pg_dump(const std::vector<Program>& installed, int server_version,
                       const std::string& server_version_text, int like_version) {
  const int server_major = server_version / 10000;
  const Program* best = oldest_fit(installed, server_major, like_version / 10000);
  if (best != nullptr) return *best;
  const std::string hint = format("apt-get install postgresql-client-{}", server_major);
  if (installed.empty()) {
    throw Error(Exit::database, "cannot find pg_dump on this machine").with_hint(hint);
  }
  throw Error(Exit::database,
              format("cannot dump a server of version {}: every pg_dump installed is "
                     "older ({})",
                     server_version_text, list_of(installed)))
      .with_hint(hint);
}

Program choose_server(const std::vector<Program>& installed, int server_version,
                      const std::string& server_version_text) {
  const int major = server_version / 10000;
  const Program* best = oldest_fit(installed, major, 0);
  if (best != nullptr) return *best;
  const std::string why = installed.empty()
                              ? "none is installed"
                              : format("every one installed is older ({})", list_of(installed));
  throw Error(Exit::database,
              format("cannot start a PostgreSQL server that holds a database of version {}: {}",
                     server_version_text, why))
      .with_hint(
          format("apt-get install postgresql-{}, or name an empty database with --to", major));
}

Program choose_pg_restore(const std::vector<Program>& installed, int dump_version,
                          int server_version) {
  const int dump_major = dump_version / 10000;
  const Program* best = oldest_fit(installed, dump_major, server_version / 10000);
  if (best != nullptr) return *best;
  const std::string hint = format("apt-get install postgresql-client-{}", dump_major);
  if (installed.empty()) {
    throw Error(Exit::database, "cannot find pg_restore on this machine").with_hint(hint);
  }
  throw Error(Exit::database, format("cannot restore what pg_dump {} wrote: every pg_restore "
                                     "installed is older ({})",
                                     dump_major, list_of(installed)))
      .with_hint(hint);
}

Program choose_psql(const std::vector<Program>& installed) {
  if (installed.empty()) {
    throw Error(Exit::database, "cannot find psql on this machine")
        .with_hint("apt-get install postgresql-client");
  }
  return installed.front();
}

}  // namespace pgseal::postgres
