#pragma once
// Directories that nobody else has.

#include <string>

namespace pgseal {

/// A new directory, open to its owner only; the destructor removes it with all that is in it.
class ScratchDirectory final {
 public:
  /// Its name is `prefix`, a dot and six letters. Throws Error of `Exit::usage`, which names
  /// `prefix`.
  explicit ScratchDirectory(const std::string& prefix);
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Gives it the name `path`, which must be free or an empty directory, and keeps it. Throws Error
  /// of `Exit::usage`.
  void rename_to(const std::string& path);

 private:
  std::string path_;
};

}  // namespace pgseal
