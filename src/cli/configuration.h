#pragma once
// What is set, and where: by a flag, a variable, a profile of the configuration file, its top, or
// nowhere. And all that is wrong with it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/problems.h"
#include "cli/config_file.h"
#include "cli/environment.h"
#include "cli/setting.h"

namespace pgseal::cli {

/// The flags of a command line: values by the setting's key.
using GivenFlags = std::map<std::string, std::vector<std::string>>;

/// Where a value comes from, the weakest first.
enum class Strength { fallback, file, profile, variable, flag };

struct Value {
  std::vector<std::string> items;  ///< one, unless the setting is a list
  Strength strength = Strength::fallback;
  /// "flag --store", "variable PGSEAL_STORE", "file F, profile P", "file F", "default"
  std::string origin;
  [[nodiscard]] const std::string& text() const { return items.front(); }
};

/// Belongs to one thread. Nothing throws before `problems().throw_if_any()`.
class Configuration final {
 public:
  /// Reads the file that `--config` or PGSEAL_CONFIG names, else the user's, else the machine's.
  Configuration(GivenFlags flags, const Environment& environment);

  /// The strongest value. A list of a stronger source takes the place of a weaker one's as a whole.
  /// An empty flag, or an empty value in the file, is none and hides weaker ones; an empty variable
  /// hides nothing. Variables of one setting that differ are a problem.
  [[nodiscard]] std::optional<Value> find(const Setting& setting);
  /// The same, else the default: what is in force.
  [[nodiscard]] std::optional<Value> in_force(const Setting& setting);

  // What settings make of each other, for `in_force()`:
  /// A default that depends on others: "from the host's name".
  void assume(const Setting& setting, std::string value, std::string origin);
  /// A value that a stronger setting holds: the host in a connection string.
  void imply(const Setting& setting, std::string value, std::string origin);
  /// A stronger setting leaves no room for this one: a store where a bucket is meant.
  void overrule(const Setting& setting, std::string origin);
  /// Why nothing is in force: "not set", "overruled by flag --bucket".
  [[nodiscard]] std::string why_not(const Setting& setting) const;

  /// What is in force as text; nothing where it is nothing.
  [[nodiscard]] std::optional<std::string> text(const Setting& setting);
  [[nodiscard]] std::string text_or_empty(const Setting& setting);
  /// As a number; a problem where it is none, or out of range. 0 where it is nothing.
  [[nodiscard]] unsigned number(const Setting& setting, unsigned least, unsigned most);
  /// As a number of bytes, with the suffixes of `parse_size`.
  [[nodiscard]] std::optional<std::uint64_t> size(const Setting& setting, std::uint64_t least,
                                                  std::uint64_t most);
  /// One of `words`; the first and a problem where it is none of them.
  [[nodiscard]] std::string one_of(const Setting& setting, const std::vector<std::string>& words);

  [[nodiscard]] const Environment& environment() const { return environment_; }
  [[nodiscard]] const ConfigFile& file() const { return file_; }
  [[nodiscard]] Problems& problems() { return problems_; }
  /// All problems so far, which are then none of the configuration's any more.
  [[nodiscard]] Problems take_problems();

 private:
  [[nodiscard]] static Problems no_problems() { return Problems("the configuration has problems"); }
  [[nodiscard]] ConfigFile open_file();
  [[nodiscard]] std::optional<Value> from_flag(const Setting& setting) const;
  [[nodiscard]] std::optional<Value> from_variables(const Setting& setting);
  [[nodiscard]] std::optional<Value> from_file(const Setting& setting) const;

  GivenFlags flags_;
  const Environment& environment_;
  Problems problems_ = no_problems();
  std::map<std::string, Value> assumed_, implied_;
  std::map<std::string, std::string> overruled_;
  ConfigFile file_;
};

}  // namespace pgseal::cli
