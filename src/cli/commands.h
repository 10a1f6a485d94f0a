#pragma once
// The commands: each declares its options and leaves behind what is to be run. Options that are
// settings go to `flags`, and from there into the configuration; the others stay with the command.

#include <functional>
#include <initializer_list>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "cli/command_line.h"
#include "cli/configuration.h"
#include "cli/settings.h"

namespace pgseal::cli {

/// What a command is run with.
struct Context {
  const Environment& environment;
  Configuration& configuration;
  const Clock& clock;
  std::stop_token stop;
};

/// A command's work; returns the exit code. Errors are thrown.
using Action = std::function<Exit(const Context&)>;

void add_backup_command(Command program, GivenFlags& flags, Action& chosen);
void add_config_command(Command program, GivenFlags& flags, Action& chosen);
void add_decrypt_command(Command program, GivenFlags& flags, Action& chosen);
void add_diff_command(Command program, GivenFlags& flags, Action& chosen);
void add_doctor_command(Command program, GivenFlags& flags, Action& chosen);
void add_drill_command(Command program, GivenFlags& flags, Action& chosen);
void add_encrypt_command(Command program, Action& chosen);
void add_export_command(Command program, GivenFlags& flags, Action& chosen);
void add_keygen_command(Command program, Action& chosen);
void add_list_command(Command program, GivenFlags& flags, Action& chosen);
void add_restore_command(Command program, GivenFlags& flags, Action& chosen);
void add_show_command(Command program, GivenFlags& flags, Action& chosen);
void add_verify_command(Command program, GivenFlags& flags, Action& chosen);
void add_whoami_command(Command program, GivenFlags& flags, Action& chosen);

/// The flags of settings.
void add_settings(Command command, GivenFlags& flags, const std::string& group,
                  std::initializer_list<const Setting*> settings);
/// The argument that says which backup is meant, as choose_backup() takes it.
Option add_backup_argument(Command command, std::string& backup);
/// What an archive backup is read with: whose is meant, `identity`, `signer`, `jobs`.
void add_archive_settings(Command command, GivenFlags& flags);
/// `store`, `bucket`, `prefix`, `s3_region`, whose the bucket is, and who we are there.
void add_store_settings(Command command, GivenFlags& flags);
/// What S3 is told of the objects that are written.
void add_object_settings(Command command, GivenFlags& flags);
/// `region`, `db_auth`, `db_role`, `rds_ca`.
void add_authentication_settings(Command command, GivenFlags& flags);
/// All that `backup` can be told, pg_dump's own options among it.
void add_backup_settings(Command command, GivenFlags& flags);

/// A result of a command, one line on standard output: the text, or in the JSON form of the log an
/// object with `fields` and the text as "message". Where it cannot be written, the log has it.
void print_result(const std::string& text, Json fields);
/// What a command was asked to show, on standard output. Throws Error where it cannot be written.
void print_output(const std::string& text);
/// Indented; what is not UTF-8 is replaced.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace pgseal::cli
