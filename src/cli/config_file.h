#pragma once
// The configuration file: TOML, with settings at its top and tables of them, "[profiles.NAME]".

#include <map>
#include <string>
#include <vector>

#include "base/problems.h"

namespace pgseal::cli {

class ConfigFile final {
 public:
  /// A value as it was written: an item, or the items of an array.
  using Entries = std::map<std::string, std::vector<std::string>>;

  /// No file.
  ConfigFile() = default;
  /// Reads `path`. All that is wrong in it, in profiles that nobody asked for too, is a problem
  /// with its line; so is a `profile` that is not in it ("" is none).
  ConfigFile(std::string path, std::string profile, Problems& problems);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& profile() const { return profile_; }
  [[nodiscard]] const Entries& top() const { return top_; }
  [[nodiscard]] const Entries& of_profile() const { return of_profile_; }

 private:
  std::string path_, profile_;
  Entries top_, of_profile_;
};

}  // namespace pgseal::cli
