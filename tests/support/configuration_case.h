#pragma once
// Configurations of a test's own flags, variables and file.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "cli/configuration.h"
#include "support/temp_dir.h"

namespace pgseal::test {

/// Nothing of this machine is in them, but for /etc/pgseal/config.toml where there is one and the
/// test has no file. Each configuration lives until the next.
class ConfigurationCase : public testing::Test {
 protected:
  using Map = std::map<std::string, std::string>;

  /// Of these flags and variables alone.
  cli::Configuration& configure(cli::GivenFlags flags, Map variables) {
    configuration_.reset();
    environment_.emplace(std::move(variables));
    return configuration_.emplace(std::move(flags), *environment_);
  }
  /// The same with a configuration file.
  cli::Configuration& with_file(const std::string& toml, cli::GivenFlags flags = {},
                                Map variables = {}) {
    write_text(file_, toml);
    variables["PGSEAL_CONFIG"] = file_;
    return configure(std::move(flags), std::move(variables));
  }
  /// All that is wrong with the last one.
  [[nodiscard]] std::string message() { return configuration_->problems().text(); }

  TempDir dir_;
  std::string file_ = dir_ / "config.toml";
  std::optional<cli::Environment> environment_;
  std::optional<cli::Configuration> configuration_;
};

}  // namespace pgseal::test
