#pragma once
// A directory that goes with its test.

#include <filesystem>
#include <string>
#include <string_view>

namespace pgseal::test {

/// A new directory below $TMPDIR or /tmp, open to all (a server may run as another user), removed
/// with all that is in it by the destructor.
class TempDir final {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const;

 private:
  std::string path_;
};

/// Whole files as text. Both throw std::runtime_error naming the file.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace pgseal::test
