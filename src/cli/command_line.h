#pragma once
// What the program's arguments may be, declared before they are parsed. CLI11 does the work, and
// its header takes seconds to compile: command_line.cpp alone includes it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command_description.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace pgseal::cli {

/// An option of a command, or a positional argument. A handle, valid as long as its CommandLine.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  /// What the help calls the value: "FILE".
  Option type_name(const std::string& name);
  /// The heading under which the help has it.
  Option group(const std::string& heading);
  /// Replaces the help that it was added with.
  Option description(const std::string& help);
  Option required();
  /// It may be given with `other` only.
  Option needs(const Option& other);
  /// It may not be given with `other`.
  Option excludes(const Option& other);

  /// Whether the arguments have it; known when they are parsed.
  [[nodiscard]] bool given() const;

 private:
  CLI::Option* option_;
};

/// A command, or the program itself with the options that every command has. A handle, valid as
/// long as its CommandLine. `names` are "-h,--host", or "backup" for a positional argument. Values
/// are written when the arguments are parsed, and must live until then.
class Command {
 public:
  using Take = std::function<void(const std::string&)>;

  explicit Command(CLI::App& app) : app_(&app) {}

  Command add_command(const std::string& name, const std::string& help);

  Option add_flag(const std::string& names, bool& value, const std::string& help);
  /// `when_given` is called where the flag is given.
  Option add_flag(const std::string& names, std::function<void()> when_given,
                  const std::string& help);
  /// The help shows what `value` holds already as the default.
  Option add_text(const std::string& names, std::string& value, const std::string& help);
  /// `value` is absent unless it was given.
  Option add_text(const std::string& names, std::optional<std::string>& value,
                  const std::string& help);
  Option add_text(const std::string& names, const Take& take, const std::string& help);
  /// May be given several times, each value with the option's name before it; of positional ones
  /// as many as there are.
  Option add_list(const std::string& names, std::vector<std::string>& values,
                  const std::string& help);
  Option add_list(const std::string& names, Take append, const std::string& help);
  /// The option of that name, which was added before.
  [[nodiscard]] Option option(const std::string& name) const;

  /// The flags that print the help.
  void set_help_flag(const std::string& names);
  /// What the help ends with.
  void set_footer(const std::string& text);
  /// Called where the arguments name this command and are right.
  void set_callback(std::function<void()> callback);

 private:
  CLI::App* app_;
};

/// Thrown for arguments that neither the program nor the command knows.
class UnknownArguments final : public Error {
 public:
  UnknownArguments(std::string command, std::vector<std::string> arguments, std::string hint);

  [[nodiscard]] const std::string& command() const noexcept { return command_; }
  [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return arguments_; }

 private:
  std::string command_;
  std::vector<std::string> arguments_;
};

/// The arguments of a program that is told one command.
class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& version, const std::string& help);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  /// The program itself, for its options and commands.
  [[nodiscard]] Command program();
  /// All that was declared.
  [[nodiscard]] CommandDescription description() const;

  /// Sets the values and calls the command's callback. False where the help or the version was
  /// asked for: it is printed then, and there is nothing else to do. Throws Error of `Exit::usage`.
  [[nodiscard]] bool parse(int argc, const char* const* argv);

 private:
  [[nodiscard]] UnknownArguments unknown_arguments() const;

  std::unique_ptr<CLI::App> app_;
  std::string hint_;
};

}  // namespace pgseal::cli
