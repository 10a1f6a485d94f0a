#pragma once
// Everything that stands in the way of something, said at once.

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pgseal {

/// Collects what is missing, contradictory or in the way, so that one message names all of it, each
/// thing once.
class Problems final {
 public:
  /// `title` stands above a list of several.
  explicit Problems(std::string title) : title_(std::move(title)) {}
  void add(Error problem);
  void add(std::string problem) { add(Error(Exit::usage, std::move(problem))); }
  /// Runs `part`; an Error of it, other than Cancelled, becomes one of the problems.
  template <typename Part>
  void collect(Part&& part) {
    try {
      part();
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      add(error);
    }
  }
  /// All of them, as `throw_if_any()` says it; "" for none.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] const std::vector<Error>& all() const { return problems_; }
  /// Throws one Error that names all problems, of the first one's class; the only problem as it is.
  void throw_if_any() const;

 private:
  std::string title_;
  std::vector<Error> problems_;
};

}  // namespace pgseal
