#pragma once
// What doctor's checks find, each with what mends it.

#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace pgseal::engine {

/// From good to bad. A note is what one should know; a warning may spoil a backup, or make it worth
/// less; with a failure there will be none.
enum class State { ok, note, warning, failure };

/// What one check found.
struct Finding {
  State state = State::ok;
  std::string reason;  ///< what was seen, in a line, written as an Error's message
  /// The statements or commands that mend it, a line each, ready to be run; else one line of
  /// advice.
  std::string remedy{};
  /// Everything that it is about, where that is a list; `reason` names the first few. Of large
  /// objects the first hundred.
  std::vector<std::string> objects{};
};

/// A finding, and where it belongs.
struct Check {
  std::string subject;  ///< "database", "store", "keys", "target"
  std::string name;     ///< within its subject, as doc/doctor.md has it: "large-objects"
  Finding finding;
  Exit code = Exit::ok;  ///< of the program, by this check alone
};

/// How a check is declared: its name, and what looks. A subject's checks are a table of these, run
/// in its order. An Error that `look` throws is a failure, with the error's hint as the remedy.
template <typename Subject>
struct CheckOf {
  const char* name;
  Finding (*look)(Subject& subject);
};

/// The names in a table, for those who compare it with the documentation.
template <typename Table>
[[nodiscard]] std::vector<std::string> check_names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& check : table) names.emplace_back(check.name);
  return names;
}

/// All that was checked, in order.
class Checks final {
 public:
  /// `failure` is the exit code where a check of this subject fails.
  void add(std::string subject, std::string name, Finding finding, Exit failure);
  /// Runs all checks of `table`, whatever each of them finds. Throws Cancelled only.
  template <typename Table, typename Subject>
  void run(const std::string& subject_name, Exit failure, const Table& table, Subject& subject) {
    for (const auto& check : table) {
      collect(subject_name, check.name, failure, [&] { return check.look(subject); });
    }
  }
  /// The same for a table whose first check the others need: where it fails it says so, none of
  /// them is run, and false returned.
  template <typename Table, typename Subject>
  bool run_behind_first(const std::string& subject_name, Exit failure, const Table& table,
                        Subject& subject) {
    const std::span checks(table);
    const auto& first = checks.front();
    if (!collect(subject_name, first.name, failure, [&] { return first.look(subject); })) {
      say_that_others_were_not_made();
      return false;
    }
    run(subject_name, failure, checks.subspan(1), subject);
    return true;
  }
  /// What `look` finds, or the failure that its exception is, so that nothing ends the checks
  /// before what was found is told; true where it is no failure.
  template <typename Look>
  bool collect(const std::string& subject, const std::string& name, Exit failure, Look&& look) {
    try {
      add(subject, name, look(), failure);
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      add(subject, name, {State::failure, error.message(), error.hint()}, error.code());
    } catch (const std::exception& error) {
      add(subject, name, {State::failure, error.what()}, Exit::internal);
    }
    return all_.back().finding.state != State::failure;
  }

  /// Says of the last check, which failed, that those that need it were not made.
  void say_that_others_were_not_made();

  [[nodiscard]] const std::vector<Check>& all() const noexcept { return all_; }
  /// The code of the first failure, else `Exit::warnings` for a warning, else `Exit::ok`.
  [[nodiscard]] Exit exit_code() const;

 private:
  std::vector<Check> all_;
};

/// "ok", "note", "warning", "failure".
[[nodiscard]] const char* state_name(State state);

/// "a, b, c and 4 more": the first few of `objects`, which are all, or begin a list of `count`.
[[nodiscard]] std::string first_few(const std::vector<std::string>& objects);
[[nodiscard]] std::string first_few(const std::vector<std::string>& objects, std::uint64_t count);

}  // namespace pgseal::engine
