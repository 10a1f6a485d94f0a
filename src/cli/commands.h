#pragma once
// The commands: each declares its options to CLI11 and leaves behind what is to be run.

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "cli/database_settings.h"
#include "cli/environment.h"
#include "cli/store_settings.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace pgseal::cli {

/// What a command is run with.
struct Context {
  const Environment& environment;
  const Clock& clock;
  std::stop_token stop;
};

/// A command's work; returns the exit code. Errors are thrown.
using Action = std::function<Exit(const Context&)>;

void add_backup_command(CLI::App& app, Action& chosen);
void add_list_command(CLI::App& app, Action& chosen);
void add_restore_command(CLI::App& app, Action& chosen);
void add_decrypt_command(CLI::App& app, Action& chosen);

/// An option whose value is absent unless it was given.
CLI::Option* add_text(CLI::App& command, const std::string& names,
                      std::optional<std::string>& value, const std::string& help);
/// `--store`, `--bucket`, `--prefix`, `--s3-region`.
void add_store_options(CLI::App& command, StoreFlags& flags);
/// `--region`, `--db-auth`, `--rds-ca`.
void add_authentication_options(CLI::App& command, DatabaseFlags& flags);

/// A result of a command, one line on standard output: the text, or in the JSON form of the log an
/// object with `fields` and the text as "message". Where it cannot be written, the log has it.
void print_result(const std::string& text, Json fields);

}  // namespace pgseal::cli
