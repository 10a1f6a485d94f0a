#pragma once
// A file that exists in memory only, for programs that want to open and seek one.

#include <string>

#include "base/bytes.h"
#include "base/file.h"

namespace pgseal {

/// Lives as long as this. Other processes of the same user open it by its path.
class MemoryFile final {
 public:
  /// Throws Error of `Exit::internal`.
  MemoryFile(const std::string& name, ByteView content);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  UniqueFd file_;
  std::string path_;
};

}  // namespace pgseal
