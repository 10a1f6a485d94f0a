#include "support/postgres_programs.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/format.h"
#include "support/command.h"
#include "support/requirement.h"

namespace fs = std::filesystem;

namespace pgseal::test {
namespace {

constexpr const char* kInstallations = "/usr/lib/postgresql";

std::string installed_bin_dir(int version) { return format("{}/{}/bin", kInstallations, version); }

bool is_installed(int version) { return fs::exists(installed_bin_dir(version) + "/initdb"); }

std::vector<std::string> tree_command(const char* verb, int version) {
  return {PGSEAL_TEST_SUPPORT_DIR "/postgres-tree", verb, std::to_string(version)};
}

bool download_is_wanted() {
  const char* wanted = std::getenv("PGSEAL_TEST_POSTGRES_DOWNLOAD");
  return in_ci() || (wanted != nullptr && std::string_view(wanted) == "1");
}

}  // namespace

std::vector<int> installed_postgres_versions() {
  std::vector<int> result;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(kInstallations, ignored)) {
    if (fs::exists(entry.path() / "bin/initdb")) {
      result.push_back(std::stoi(entry.path().filename().string()));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string postgres_bin_dir(int version) {
  if (is_installed(version)) return installed_bin_dir(version);
  static std::map<int, std::string> made;
  std::string& path = made[version];
  if (path.empty()) {
    path = run_ok(tree_command("make", version));
    path.pop_back();  // the newline
  }
  return path;
}

std::string why_no_postgres(int version) {
  std::string reason;
  if (is_installed(version) || run(tree_command("find", version)).ok()) return reason;
  if (!download_is_wanted()) {
    reason = format(
        "PostgreSQL {} is not here; it is only downloaded with PGSEAL_TEST_POSTGRES_DOWNLOAD=1, as "
        "root",
        version);
  } else if (::geteuid() != 0) {
    reason = format("PostgreSQL {} is not here, and unpacking it needs root", version);
  } else if (!have_program("mmdebstrap")) {
    reason = format("PostgreSQL {} is not here, and unpacking it needs mmdebstrap", version);
  }
  return reason;
}

}  // namespace pgseal::test
