#include "cli/program.h"

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/signals.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::cli {

namespace {

constexpr const char* kHelpHint = "pgseal --help, pgseal COMMAND --help";

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow* row = exit_code_table(); row->meaning != nullptr; ++row) {
    text += format("  {:<4} {}\n", static_cast<int>(row->code), row->meaning);
  }
  return text;
}

struct LogFlags {
  bool verbose = false;
  bool quiet = false;
};

void add_program_options(CLI::App& app, LogFlags& log_flags, GivenFlags& flags) {
  add_settings(app, flags, "Options", {&setting::config, &setting::profile, &setting::log_format});
  app.add_flag("-v,--verbose", log_flags.verbose, "log more");
  app.add_flag("-q,--quiet", log_flags.quiet, "log warnings and errors only")
      ->excludes("--verbose");
}

void configure_log(const LogFlags& flags, Configuration& configuration) {
  const std::string form = configuration.one_of(setting::log_format, {"text", "json"});
  log::Level level = log::Level::info;
  if (flags.verbose) level = log::Level::debug;
  if (flags.quiet) level = log::Level::warning;
  log::configure(form == "json" ? log::Format::json : log::Format::text, level);
}

/// Names the arguments that nobody knows, and why one that is pg_dump's is not handed on.
std::string explain_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  std::string text = "unknown arguments:";
  for (const std::string& argument : extras) text += " " + argument;
  if (!app.got_subcommand("backup")) return text;
  try {
    [[maybe_unused]] const auto known = postgres::parse_pg_dump_options(extras);
  } catch (const Error& reason) {
    text += "; " + reason.message();
  }
  return text;
}

int fail(const Error& error, const InterruptWatch& watch) {
  std::string message = error.message();
  if (error.code() == Exit::interrupted && !watch.reason().empty()) message = watch.reason();
  Json fields = {{"exit_code", static_cast<int>(error.code())}};
  if (!error.hint().empty()) fields["hint"] = error.hint();
  if (log::current_format() == log::Format::text && !error.hint().empty()) {
    message += "\nhint: " + error.hint();
  }
  log::write(log::Level::error, message, fields);
  return static_cast<int>(error.code());
}

}  // namespace

int run_program_main(int argc, char** argv, const Environment& environment, const Clock& clock) {
  open_standard_descriptors();
  const InterruptWatch watch;
  CLI::App app("Secure logical backups of PostgreSQL, encrypted to a public key", "pgseal");
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("-V,--version", std::string("pgseal ") + PGSEAL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer());
  LogFlags log_flags;
  GivenFlags flags;
  add_program_options(app, log_flags, flags);
  Action action;
  add_backup_command(app, flags, action);
  add_list_command(app, flags, action);
  add_show_command(app, flags, action);
  add_restore_command(app, flags, action);
  add_export_command(app, flags, action);
  add_encrypt_command(app, action);
  add_decrypt_command(app, flags, action);
  add_keygen_command(app, action);
  add_config_command(app, flags, action);
  try {
    if (environment.text("PGSEAL_LOG_FORMAT") == "json") {
      log::configure(log::Format::json, log::Level::info);  // for mistakes in the arguments
    }
    app.parse(argc, argv);
    Configuration configuration(flags, environment);
    configure_log(log_flags, configuration);
    return static_cast<int>(action({environment, configuration, clock, watch.token()}));
  } catch (const CLI::ExtrasError&) {
    return fail(Error(Exit::usage, explain_extras(app)).with_hint(kHelpHint), watch);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return fail(Error(Exit::usage, error.what()).with_hint(kHelpHint), watch);
  } catch (const Error& error) {
    return fail(error, watch);
  } catch (const std::exception& error) {
    return fail(Error(Exit::internal, error.what()), watch);
  }
}

}  // namespace pgseal::cli
