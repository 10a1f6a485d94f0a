#include "cli/program.h"

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/signals.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::cli {

namespace {

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow* row = exit_code_table(); row->meaning != nullptr; ++row) {
    text += format("  {:<4} {}\n", static_cast<int>(row->code), row->meaning);
  }
  return text;
}

void add_program_options(Command program, LogFlags& log_flags, GivenFlags& flags) {
  add_settings(program, flags, "Options",
               {&setting::config, &setting::profile, &setting::log_format});
  const Option verbose = program.add_flag("-v,--verbose", log_flags.verbose, "log more");
  program.add_flag("-q,--quiet", log_flags.quiet, "log warnings and errors only").excludes(verbose);
}

void configure_log(const LogFlags& flags, Configuration& configuration) {
  const std::string form = configuration.one_of(setting::log_format, {"text", "json"});
  log::Level level = log::Level::info;
  if (flags.verbose) level = log::Level::debug;
  if (flags.quiet) level = log::Level::warning;
  log::configure(form == "json" ? log::Format::json : log::Format::text, level);
}

/// The same error, with the reason where an argument is pg_dump's and not handed on.
Error explain(const UnknownArguments& error) {
  std::string text = error.message();
  if (error.command() == "backup") {
    try {
      [[maybe_unused]] const auto known = postgres::parse_pg_dump_options(error.arguments());
    } catch (const Error& reason) {
      text += "; " + reason.message();
    }
  }
  return Error(error.code(), text).with_hint(error.hint());
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

Arguments::Arguments()
    : line("pgseal", PGSEAL_VERSION,
           "Secure logical backups of PostgreSQL, encrypted to a public key") {
  Command program = line.program();
  program.set_footer(footer());
  add_program_options(program, log_flags, flags);
  add_backup_command(program, flags, action);
  add_list_command(program, flags, action);
  add_show_command(program, flags, action);
  add_verify_command(program, flags, action);
  add_restore_command(program, flags, action);
  add_export_command(program, flags, action);
  add_drill_command(program, flags, action);
  add_diff_command(program, flags, action);
  add_encrypt_command(program, action);
  add_decrypt_command(program, flags, action);
  add_keygen_command(program, action);
  add_doctor_command(program, flags, action);
  add_whoami_command(program, flags, action);
  add_config_command(program, flags, action);
}

int run_program_main(int argc, char** argv, const Environment& environment, const Clock& clock) {
  open_standard_descriptors();
  const InterruptWatch watch;
  Arguments arguments;
  try {
    if (environment.text("PGSEAL_LOG_FORMAT") == "json") {
      log::configure(log::Format::json, log::Level::info);  // for mistakes in the arguments
    }
    if (!arguments.line.parse(argc, argv)) return static_cast<int>(Exit::ok);
    Configuration configuration(arguments.flags, environment);
    configure_log(arguments.log_flags, configuration);
    return static_cast<int>(arguments.action({environment, configuration, clock, watch.token()}));
  } catch (const UnknownArguments& error) {
    return fail(explain(error), watch);
  } catch (const Error& error) {
    return fail(error, watch);
  } catch (const std::exception& error) {
    return fail(Error(Exit::internal, error.what()), watch);
  }
}

}  // namespace pgseal::cli
