#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "base/format.h"

namespace pgseal::cli {

Option Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option Option::group(const std::string& heading) {
  option_->group(heading);
  return *this;
}

Option Option::description(const std::string& help) {
  option_->description(help);
  return *this;
}

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

Option Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

Command Command::add_command(const std::string& name, const std::string& help) {
  return Command(*app_->add_subcommand(name, help));
}

Option Command::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Option(*app_->add_flag(names, value, help));
}

Option Command::add_flag(const std::string& names, std::function<void()> when_given,
                         const std::string& help) {
  return Option(*app_->add_flag_callback(names, std::move(when_given), help));
}

Option Command::add_text(const std::string& names, std::string& value, const std::string& help) {
  return Option(*app_->add_option(names, value, help)->capture_default_str());
}

Option Command::add_text(const std::string& names, std::optional<std::string>& value,
                         const std::string& help) {
  return add_text(
      names, [&value](const std::string& text) { value = text; }, help);
}

Option Command::add_text(const std::string& names, const Take& take, const std::string& help) {
  return Option(*app_->add_option_function<std::string>(names, take, help));
}

Option Command::add_list(const std::string& names, std::vector<std::string>& values,
                         const std::string& help) {
  return add_list(
      names, [&values](const std::string& value) { values.push_back(value); }, help);
}

Option Command::add_list(const std::string& names, Take append, const std::string& help) {
  CLI::Option* option = app_->add_option(
      names,
      [append = std::move(append)](const CLI::results_t& values) {
        for (const std::string& value : values) append(value);
        return true;
      },
      help);
  return Option(*option->type_size(1)
                     ->expected(1, CLI::detail::expected_max_vector_size)
                     ->allow_extra_args(!names.starts_with('-')));
}

Option Command::option(const std::string& name) const { return Option(*app_->get_option(name)); }

void Command::set_help_flag(const std::string& names) {
  app_->set_help_flag(names, "print this help");
}

void Command::set_footer(const std::string& text) { app_->footer(text); }

void Command::set_callback(std::function<void()> callback) { app_->callback(std::move(callback)); }

namespace {

std::string list_of(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text += " " + argument;
  return text;
}

}  // namespace

UnknownArguments::UnknownArguments(std::string command, std::vector<std::string> arguments,
                                   std::string hint)
    : Error(
          Error(Exit::usage, "unknown arguments:" + list_of(arguments)).with_hint(std::move(hint))),
      command_(std::move(command)),
      arguments_(std::move(arguments)) {}

CommandLine::CommandLine(const std::string& program, const std::string& version,
                         const std::string& help)
    : app_(std::make_unique<CLI::App>(help, program)),
      hint_(format("{0} --help, {0} COMMAND --help", program)) {
  this->program().set_help_flag("-h,--help");
  app_->set_version_flag("-V,--version", program + " " + version);
  app_->require_subcommand(1);
  app_->fallthrough();
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() { return Command(*app_); }

namespace {

/// CLI11 keeps them by address.
std::vector<std::string> sorted_names(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(option->get_name());
  std::sort(names.begin(), names.end());
  return names;
}

OptionDescription describe(const CLI::Option& option) {
  OptionDescription description{.names = {},
                                .value = option.get_type_name(),
                                .help = option.get_description(),
                                .group = option.get_group(),
                                .default_value = option.get_default_str(),
                                .positional = option.get_positional(),
                                .required = option.get_required(),
                                .repeated = option.get_items_expected_max() > 1,
                                .needs = sorted_names(option.get_needs()),
                                .excludes = sorted_names(option.get_excludes())};
  if (description.positional) description.names.push_back(option.get_name());
  for (const std::string& name : option.get_snames()) description.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) description.names.push_back("--" + name);
  return description;
}

CommandDescription describe(const CLI::App& app) {
  CommandDescription description{.name = app.get_name(),
                                 .help = app.get_description(),
                                 .footer = app.get_footer(),
                                 .options = {}};
  for (const CLI::Option* option : app.get_options()) {
    description.options.push_back(describe(*option));
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    description.commands.push_back(describe(*command));
    std::string& footer = description.commands.back().footer;
    if (footer == description.footer) footer.clear();
  }
  return description;
}

}  // namespace

CommandDescription CommandLine::description() const { return describe(*app_); }

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ExtrasError&) {
    throw unknown_arguments();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw Error(Exit::usage, error.what()).with_hint(hint_);
    app_->exit(error);  // which prints what was asked for
    return false;
  }
}

UnknownArguments CommandLine::unknown_arguments() const {
  const auto commands = app_->get_subcommands();
  return {commands.empty() ? "" : commands.front()->get_name(), app_->remaining(true), hint_};
}

}  // namespace pgseal::cli
