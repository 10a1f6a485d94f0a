#include "cli/program.h"

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/signals.h"

namespace pgseal::cli {

namespace {

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow* row = exit_code_table(); row->meaning != nullptr; ++row) {
    text += format("  {:<4} {}\n", static_cast<int>(row->code), row->meaning);
  }
  return text;
}

struct LogFlags {
  std::optional<std::string> format;
  bool verbose = false;
  bool quiet = false;
};

void add_log_options(CLI::App& app, LogFlags& flags) {
  add_text(app, "--log-format", flags.format, "text or json (PGSEAL_LOG_FORMAT, default text)")
      ->type_name("FORM");
  app.add_flag("-v,--verbose", flags.verbose, "log more");
  app.add_flag("-q,--quiet", flags.quiet, "log warnings and errors only")->excludes("--verbose");
}

void configure_log(const LogFlags& flags, const Environment& environment) {
  Problems problems;
  const std::string form =
      choose(flags.format, {"PGSEAL_LOG_FORMAT"}, environment, problems).value_or("text");
  if (form != "text" && form != "json") {
    problems.add(format("--log-format is \"{}\", and must be text or json", form));
  }
  problems.throw_if_any();
  log::Level level = log::Level::info;
  if (flags.verbose) level = log::Level::debug;
  if (flags.quiet) level = log::Level::warning;
  log::configure(form == "json" ? log::Format::json : log::Format::text, level);
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
  add_log_options(app, log_flags);
  Action action;
  add_backup_command(app, action);
  add_list_command(app, action);
  add_restore_command(app, action);
  add_decrypt_command(app, action);
  try {
    if (environment.text("PGSEAL_LOG_FORMAT") == "json") {
      log::configure(log::Format::json, log::Level::info);  // for mistakes in the arguments
    }
    app.parse(argc, argv);
    configure_log(log_flags, environment);
    return static_cast<int>(action({environment, clock, watch.token()}));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return fail(Error(Exit::usage, error.what()).with_hint("pgseal --help, pgseal COMMAND --help"),
                watch);
  } catch (const Error& error) {
    return fail(error, watch);
  } catch (const std::exception& error) {
    return fail(Error(Exit::internal, error.what()), watch);
  }
}

}  // namespace pgseal::cli
