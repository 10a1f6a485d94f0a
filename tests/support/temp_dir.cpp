#include "support/temp_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace pgseal::test {
namespace {

constexpr std::string_view kNameStart =
    "pgseal-test-";  // then the process's number, then mkdtemp's

fs::path parent_directory() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

// A test that was killed could not tidy up; whoever comes next does it.
void remove_what_killed_tests_left() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent_directory(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kNameStart)) continue;
    const pid_t owner = std::atoi(name.c_str() + kNameStart.size());
    if (owner > 0 && is_gone(owner)) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

TempDir::TempDir() {
  [[maybe_unused]] static const bool once = (remove_what_killed_tests_left(), true);
  path_ = parent_directory() / (std::string(kNameStart) + std::to_string(::getpid()) + "-XXXXXX");
  if (::mkdtemp(path_.data()) == nullptr || ::chmod(path_.c_str(), 0755) != 0) {
    throw std::runtime_error("cannot make the directory \"" + path_ + "\"");
  }
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempDir::operator/(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::string read_text(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read \"" + path.string() + "\"");
  return text.str();
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error("cannot write \"" + path.string() + "\"");
}

}  // namespace pgseal::test
