#include "base/format.h"
#include "base/log.h"
#include "cli/backup_settings.h"
#include "cli/commands.h"
#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

constexpr const char* kMask = "****";

std::string shown(const Setting& setting, const std::string& item) {
  return setting.is_secret(item) ? kMask : item;
}

/// "[a, b]" for a list; a line end as "\n", since a key's PEM has some.
std::string value_text(const Setting& setting, const Value& value) {
  std::string text;
  for (const std::string& item : value.items) {
    if (!text.empty()) text += ", ";
    for (const char c : shown(setting, item))
      text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return setting.form == Setting::Form::list ? "[" + text + "]" : text;
}

Json value_json(const Setting& setting, const Value& value) {
  if (setting.form == Setting::Form::number) {
    const Json number = Json::parse(value.text(), nullptr, false);
    if (number.is_number()) return number;
  }
  if (setting.form != Setting::Form::list) return shown(setting, value.text());
  Json list = Json::array();
  for (const std::string& item : value.items) list.push_back(shown(setting, item));
  return list;
}

std::string to_text(Configuration& configuration) {
  std::string text;
  for (const Setting* setting : all_settings()) {
    const auto value = configuration.in_force(*setting);
    text += value ? printable(format("{} = {}  ({})", setting->key, value_text(*setting, *value),
                                     value->origin))
                        .text
                  : format("{}  ({})", setting->key, configuration.why_not(*setting));
    text += "\n";
  }
  return text;
}

Json to_json(Configuration& configuration) {
  Json json = Json::object();
  for (const Setting* setting : all_settings()) {
    const auto value = configuration.in_force(*setting);
    json[setting->key] = {{"value", value ? value_json(*setting, *value) : Json()},
                          {"origin", value ? value->origin : configuration.why_not(*setting)}};
  }
  return json;
}

Exit run(bool json, const Context& context) {
  Configuration& configuration = context.configuration;
  // What is wrong with the file leaves nothing to show; what a backup would miss does.
  configuration.problems().throw_if_any();
  if (!configuration.file().path().empty()) {
    configuration.assume(setting::config, configuration.file().path(), "found there");
  }
  const bool complete = resolve_backup(configuration, context.clock.now()).has_value();
  print_output(json ? json_text(to_json(configuration)) : to_text(configuration));
  if (!complete) {
    log::warning("`pgseal backup` would refuse this: {}", configuration.problems().text());
  }
  return Exit::ok;
}

}  // namespace

void add_config_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto json = std::make_shared<bool>(false);
  Command command = program.add_command(
      "config", "Show the settings that are in force, and where each is from; secrets are masked");
  command.set_help_flag("--help");  // -h is the host, as pg_dump has it
  command.add_flag("--json", *json, "as a JSON object");
  add_backup_settings(command, flags);
  add_settings(command, flags, "Reading",
               {&setting::identity, &setting::passphrase_file, &setting::signer});
  command.set_callback(
      [json, &chosen] { chosen = [json](const Context& context) { return run(*json, context); }; });
}

}  // namespace pgseal::cli
