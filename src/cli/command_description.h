#pragma once
// What the program's arguments may be, as plain data: what manual pages and completions are made
// of.

#include <string>
#include <vector>

namespace pgseal::cli {

struct OptionDescription {
  /// Short ones first: "-h", "--host"; of a positional one "backup".
  std::vector<std::string> names;
  /// What the help calls the value, "" where there is none. Alternatives have "|" between them:
  /// words to type as they are, "on|off", and in capitals alone what stands for something,
  /// "BACKUP|FILE".
  std::string value;
  std::string help;
  std::string group;          ///< the heading under which the help has it
  std::string default_value;  ///< "" where there is none, or the help tells it
  bool positional = false;
  bool required = false;
  bool repeated = false;                ///< several values
  std::vector<std::string> needs{};     ///< names of those it may be given with only, sorted
  std::vector<std::string> excludes{};  ///< names of those it may not be given with, sorted
};

/// A command, or the program itself.
struct CommandDescription {
  std::string name;
  std::string help;
  std::string footer;  ///< what its help ends with; "" where that is as the program's
  std::vector<OptionDescription> options;
  std::vector<CommandDescription> commands{};
};

}  // namespace pgseal::cli
