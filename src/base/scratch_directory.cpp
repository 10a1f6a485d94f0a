#include "base/scratch_directory.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

namespace {

Error cannot_create(const std::string& path) {
  return system_error(Exit::usage, format("cannot create \"{}\"", path), errno);
}

}  // namespace

ScratchDirectory::ScratchDirectory(const std::string& prefix) : path_(prefix + ".XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw cannot_create(prefix);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void ScratchDirectory::rename_to(const std::string& path) {
  if (std::rename(path_.c_str(), path.c_str()) != 0) throw cannot_create(path);
  path_.clear();
}

}  // namespace pgseal
