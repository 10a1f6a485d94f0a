#include <unistd.h>

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/commands.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::cli {

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

void add_pg_dump_option(Command command, GivenFlags& flags, const postgres::PgDumpOption& option) {
  const std::string name = format("--{}", option.name);
  std::string names = option.letter == 0 ? name : format("-{},{}", option.letter, name);
  if (option.alias != nullptr) names += format(",--{}", option.alias);
  const auto append = [&flags](const std::string& argument) {
    flags[setting::pg_dump_options.key].push_back(argument);
  };
  const std::string group = "Selection (as pg_dump has them)";
  if (option.value == nullptr) {
    command
        .add_flag(
            names, [append, name] { append(name); }, option.help)
        .group(group);
  } else {
    command
        .add_list(
            names, [append, name](const std::string& value) { append(name + "=" + value); },
            option.help)
        .type_name(option.value)
        .group(group);
  }
}

}  // namespace

void add_settings(Command command, GivenFlags& flags, const std::string& group,
                  std::initializer_list<const Setting*> settings) {
  for (const Setting* setting : settings) {
    const std::string help = help_of(*setting);
    const auto take = [&flags, setting](const std::string& value) {
      flags[setting->key].push_back(value);
    };
    Option option = setting->form == Setting::Form::list
                        ? command.add_list(setting->flag, take, help)
                        : command.add_text(setting->flag, take, help);
    option.type_name(setting->value_name).group(group);
  }
}

Option add_backup_argument(Command command, std::string& backup) {
  return command
      .add_text("backup", backup,
                "a backup that `pgseal list` shows, latest, or a time: the newest not after it")
      .type_name("BACKUP");
}

void add_archive_settings(Command command, GivenFlags& flags) {
  add_settings(command, flags, "Options",
               {&setting::wanted_database, &setting::identity, &setting::passphrase_file,
                &setting::signer, &setting::jobs});
}

void add_store_settings(Command command, GivenFlags& flags) {
  add_settings(command, flags, "Store",
               {&setting::store, &setting::bucket, &setting::prefix, &setting::s3_region,
                &setting::addressing, &setting::ca_bundle, &setting::allow_http,
                &setting::expected_bucket_owner, &setting::request_payer, &setting::stall_timeout});
  add_settings(command, flags, "AWS",
               {&setting::assume_role, &setting::external_id, &setting::store_role});
}

void add_authentication_settings(Command command, GivenFlags& flags) {
  add_settings(command, flags, "Authentication",
               {&setting::region, &setting::db_auth, &setting::db_role, &setting::rds_ca});
}

void add_object_settings(Command command, GivenFlags& flags) {
  add_settings(
      command, flags, "Objects in S3",
      {&setting::request_checksum_calculation, &setting::conditional_writes,
       &setting::storage_class, &setting::sse, &setting::sse_kms_key_id, &setting::sse_bucket_key,
       &setting::lock_mode, &setting::lock_until, &setting::legal_hold, &setting::tags});
}

void add_backup_settings(Command command, GivenFlags& flags) {
  add_settings(
      command, flags, "Database",
      {&setting::host, &setting::port, &setting::user, &setting::database, &setting::dbname});
  add_authentication_settings(command, flags);
  add_store_settings(command, flags);
  add_object_settings(command, flags);
  add_settings(command, flags, "Objects in S3", {&setting::part_size});
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
