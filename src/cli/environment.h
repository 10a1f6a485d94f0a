#pragma once
// The environment, read here and nowhere below.

#include <map>
#include <optional>
#include <string>

namespace pgseal::cli {

/// A snapshot of environment variables. An empty variable counts as unset: container images declare
/// variables without a value.
class Environment final {
 public:
  /// This process's.
  [[nodiscard]] static Environment current();
  explicit Environment(std::map<std::string, std::string> variables)
      : variables_(std::move(variables)) {}

  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  /// "" where it is not set.
  [[nodiscard]] std::string text(const std::string& name) const { return get(name).value_or(""); }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace pgseal::cli
