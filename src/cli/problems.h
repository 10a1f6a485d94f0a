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
  void add(std::string problem) { problems_.push_back(std::move(problem)); }
  /// Runs `part`; an Error of it becomes one of the problems.
  template <typename Part>
  void collect(Part&& part) {
    try {
      part();
    } catch (const Error& error) {
      add(error.hint().empty() ? error.message() : error.message() + " (" + error.hint() + ")");
      if (code_ == Exit::usage) code_ = error.code();
    }
  }
  /// Throws one Error that names all problems, if there are any: of `Exit::usage`, or of the class of
  /// the only problem that there is.
  void throw_if_any() const;

 private:
  std::vector<std::string> problems_;
  Exit code_ = Exit::usage;
};

/// A flag's value, else a variable's. Where several of `variables` are set and differ, that is a problem.
[[nodiscard]] std::optional<std::string> choose(const std::optional<std::string>& flag,
                                                const std::vector<std::string>& variables,
                                                const Environment& environment, Problems& problems);

}  // namespace pgseal::cli
