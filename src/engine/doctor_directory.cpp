#include "engine/doctor_directory.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "engine/store_probe.h"

namespace pgseal::engine {

namespace {

constexpr const char* kSubject = "store";

Finding check_there(DirectorySubject& subject) {
  const std::string& directory = subject.directory;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return {State::failure, format("\"{}\" is no directory, or not there", directory),
            format("mkdir -p {}", shell_quoted(directory))};
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    throw system_error(Exit::storage, format("cannot write to \"{}\"", directory), errno)
        .with_hint("check who may write to the directory, and how it is mounted");
  }
  return {State::ok, format("\"{}\" may be written to", directory)};
}

Finding check_mode(DirectorySubject& subject) {
  if ((file_mode(subject.directory) & S_IWOTH) == 0) {
    return {State::ok, "not everybody on this machine may write to it"};
  }
  return {State::warning, "everybody on this machine may write to it, and remove backups",
          format("chmod o-w {}", shell_quoted(subject.directory))};
}

Finding check_space(DirectorySubject& subject) {
  struct statvfs found {};
  if (::statvfs(subject.directory.c_str(), &found) != 0) {
    throw system_error(Exit::storage, format("cannot look at \"{}\"", subject.directory), errno);
  }
  const std::uint64_t free = std::uint64_t{found.f_bavail} * found.f_frsize;
  const std::string reason = format("{} are free", format_size(free));
  if (!subject.expected_size) return {State::ok, reason};
  const std::string wanted =
      format("{}, and a backup may take {}", reason, format_size(*subject.expected_size));
  if (free >= *subject.expected_size) return {State::ok, wanted};
  return {State::warning, wanted, "make room, or use another directory"};
}

Finding check_put(DirectorySubject& subject) {
  const std::string key = new_probe_key();
  subject.store.put(key, as_bytes(kProbeContent), subject.stop);
  subject.store.remove(key, subject.stop);
  return {State::ok, "an object was stored, and removed again"};
}

constexpr CheckOf<DirectorySubject> kChecks[] = {
    {"directory", check_there}, {"directory-mode", check_mode}, {"space", check_space}};
constexpr CheckOf<DirectorySubject> kProbeChecks[] = {{"put", check_put}};

}  // namespace

std::span<const CheckOf<DirectorySubject>> directory_checks() { return kChecks; }
std::span<const CheckOf<DirectorySubject>> directory_probe_checks() { return kProbeChecks; }

bool check_directory(DirectorySubject& subject, bool probe, Checks& checks) {
  if (!checks.run_behind_first(kSubject, Exit::storage, directory_checks(), subject)) return false;
  if (probe) checks.run(kSubject, Exit::storage, directory_probe_checks(), subject);
  return true;
}

}  // namespace pgseal::engine
