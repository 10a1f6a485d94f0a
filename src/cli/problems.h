#pragma once
// Everything that is wrong with a configuration, said at once.

#include <string>
#include <vector>

#include "base/error.h"

namespace pgseal::cli {

/// Collects what is missing or contradictory, so that one message names all of it, each thing once.
class Problems final {
 public:
  void add(Error problem);
  void add(std::string problem) { add(Error(Exit::usage, std::move(problem))); }
  /// Runs `part`; an Error of it becomes one of the problems.
  template <typename Part>
  void collect(Part&& part) {
    try {
      part();
    } catch (const Error& error) {
      add(error);
    }
  }
  /// All of them, as `throw_if_any()` says it; "" for none.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  /// Throws one Error of `Exit::usage` that names all problems; the only problem as it is.
  void throw_if_any() const;

 private:
  std::vector<Error> problems_;
};

}  // namespace pgseal::cli
