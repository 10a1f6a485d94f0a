#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/commands.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::cli {

CLI::Option* add_text(CLI::App& command, const std::string& names,
                      std::optional<std::string>& value, const std::string& help) {
  return command.add_option_function<std::string>(
      names, [&value](const std::string& text) { value = text; }, help);
}

namespace {

/// "server's port (POSTGRES_PORT, PGPORT, PGSEAL_PORT; default 5432)"
std::string help_of(const Setting& setting) {
  std::string text = setting.help + " (";
  for (const std::string& name : setting.all_variables()) {
    text += (text.ends_with('(') ? "" : ", ") + name;
  }
  if (!setting.default_value.empty()) text += "; default " + setting.default_value;
  return text + ")";
}

/// An option that appends its values, each given with the option's name before it.
CLI::Option* add_repeatable(CLI::App& command, const std::string& names, const std::string& help,
                            std::function<void(const std::string&)> append) {
  CLI::Option* option = command.add_option(
      names,
      [append = std::move(append)](const CLI::results_t& values) {
        for (const std::string& value : values) append(value);
        return true;
      },
      help);
  return option->type_size(1)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false);
}

void add_pg_dump_option(CLI::App& command, GivenFlags& flags,
                        const postgres::PgDumpOption& option) {
  const std::string name = format("--{}", option.name);
  std::string names = option.letter == 0 ? name : format("-{},{}", option.letter, name);
  if (option.alias != nullptr) names += format(",--{}", option.alias);
  const auto append = [&flags](const std::string& argument) {
    flags[setting::pg_dump_options.key].push_back(argument);
  };
  CLI::Option* added = nullptr;
  if (option.value == nullptr) {
    added = command.add_flag_callback(
        names, [append, name] { append(name); }, option.help);
  } else {
    added = add_repeatable(command, names, option.help, [append, name](const std::string& value) {
      append(name + "=" + value);
    });
    added->type_name(option.value);
  }
  added->group("Selection (as pg_dump has them)");
}

}  // namespace

void add_settings(CLI::App& command, GivenFlags& flags, const std::string& group,
                  std::initializer_list<const Setting*> settings) {
  for (const Setting* setting : settings) {
    CLI::Option* option = add_repeatable(
        command, setting->flag, help_of(*setting),
        [&flags, setting](const std::string& value) { flags[setting->key].push_back(value); });
    if (setting->form != Setting::Form::list) option->expected(1);
    option->type_name(setting->value_name)->group(group);
  }
}

void add_store_settings(CLI::App& command, GivenFlags& flags) {
  add_settings(command, flags, "Store",
               {&setting::store, &setting::bucket, &setting::prefix, &setting::s3_region});
}

void add_authentication_settings(CLI::App& command, GivenFlags& flags) {
  add_settings(command, flags, "Authentication",
               {&setting::region, &setting::db_auth, &setting::rds_ca});
}

void add_backup_settings(CLI::App& command, GivenFlags& flags) {
  add_settings(
      command, flags, "Database",
      {&setting::host, &setting::port, &setting::user, &setting::database, &setting::dbname});
  add_authentication_settings(command, flags);
  add_store_settings(command, flags);
  add_settings(command, flags, "Keys",
               {&setting::recipients, &setting::recipients_file, &setting::public_key,
                &setting::signing_key, &setting::signing_key_passphrase_file});
  add_settings(command, flags, "Backup",
               {&setting::format, &setting::jobs, &setting::rate_limit, &setting::chunk_size,
                &setting::bundle_size, &setting::segment_size, &setting::zstd_level});
  for (const postgres::PgDumpOption& option : postgres::pg_dump_option_table()) {
    add_pg_dump_option(command, flags, option);
  }
}

void print_result(const std::string& text, Json fields) {
  std::string line = text;
  if (log::current_format() == log::Format::json) {
    fields["level"] = "info";
    fields["time"] = format_utc(system_clock().now());
    fields["message"] = text;
    line = fields.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  try {
    write_all(STDOUT_FILENO, as_bytes(line + "\n"), "the result to standard output");
  } catch (const Error& error) {
    // What the command did is done, and stays so.
    log::warning("{}: {}", error.message(), text);
  }
}

void print_output(const std::string& text) {
  write_all(STDOUT_FILENO, as_bytes(text), "to standard output");
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace pgseal::cli
