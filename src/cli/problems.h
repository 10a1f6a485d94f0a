#pragma once
// Everything that is wrong with a configuration, said at once.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/environment.h"

namespace pgseal::cli {

/// Collects what is missing or contradictory, so that one message names all of it.
class Problems final {
 public:
  void add(std::string problem) { problems_.emplace_back(Exit::usage, std::move(problem)); }
  /// Runs `part`; an Error of it becomes one of the problems.
  template <typename Part>
  void collect(Part&& part) {
    try {
      part();
    } catch (const Error& error) {
      problems_.push_back(error);
    }
  }
  /// Throws one Error of `Exit::usage` that names all problems; the only problem as it is.
  void throw_if_any() const;

 private:
  std::vector<Error> problems_;
};

/// A flag's value, else a variable's. Where several of `variables` are set and differ, that is a
/// problem.
[[nodiscard]] std::optional<std::string> choose(const std::optional<std::string>& flag,
                                                const std::vector<std::string>& variables,
                                                const Environment& environment, Problems& problems);

}  // namespace pgseal::cli
