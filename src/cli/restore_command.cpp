#include <unistd.h>

#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/open_archive.h"
#include "cli/open_database.h"
#include "cli/output.h"
#include "cli/progress_pictures.h"
#include "cli/read_options.h"
#include "engine/archive_restore.h"
#include "engine/archive_script.h"
#include "engine/classic_restore.h"

namespace pgseal::cli {

namespace {

struct RestoreFlags {
  ReadFlags read;
  std::optional<std::string> to;
  bool to_stdout = false, allow_non_empty = false;
  // Of archives only.
  postgres::RestoreOptions pg_restore{};
  std::optional<std::string> role;
  bool dry_run = false, force_version = false, resume = false;
};

/// What is resolved before anything is opened.
struct RestoreSettings {
  ReadSettings read{};
  std::optional<crypto::MinisignPublicKey> signer{};
  std::optional<DatabaseSettings> target{};  ///< nothing for --to-stdout
  unsigned jobs = 0;
};

RestoreSettings resolve(const RestoreFlags& flags, Configuration& configuration) {
  Problems& problems = configuration.problems();
  auto read = resolve_read(configuration);
  RestoreSettings settings{.signer = resolve_signer(configuration),
                           .jobs = configuration.number(setting::jobs, 1, kMostJobs)};
  if (flags.to && !flags.to_stdout) {
    settings.target = resolve_target(*flags.to, configuration);
  } else if (!flags.to && !flags.to_stdout) {
    problems.add("the database to restore into is missing: --to, or --to-stdout");
  }
  for (const std::string& section : flags.pg_restore.sections) {
    if (section != "pre-data" && section != "data" && section != "post-data") {
      problems.add(format("--section is pre-data, data or post-data, not \"{}\"", section));
    }
  }
  if (flags.pg_restore.if_exists && !flags.pg_restore.clean) {
    problems.add("--if-exists is for --clean");
  }
  problems.throw_if_any();
  settings.read = *std::move(read);
  return settings;
}

/// A classic backup is one script: all of it is restored, or nothing.
void require_whole(const RestoreFlags& flags, const std::string& name) {
  postgres::RestoreOptions options = flags.pg_restore;
  options.exit_on_error = false;  // it always is so
  const bool whole = options.selection().empty() && options.treatment().empty() && !flags.role &&
                     !flags.dry_run && !flags.force_version && !flags.resume && !flags.to_stdout;
  if (whole) return;
  throw Error(Exit::usage, format("cannot restore a part of \"{}\": it is in the classic format, "
                                  "which is restored as a whole or not at all",
                                  name))
      .with_hint("pgseal decrypt writes its SQL");
}

Exit restore_classic(const RestoreFlags& flags, const RestoreSettings& settings,
                     backupset::ClassicEntry entry, store::ObjectStore& store, AwsAccess& access,
                     const Context& context) {
  require_whole(flags, entry.name.text());
  engine::ClassicReader reader = open_classic(std::move(entry), settings.read, store, context.stop);
  engine::Progress progress;
  const engine::ClassicRestoreOptions options{
      .target = open_database(*settings.target, access, context.clock),
      .target_state =
          flags.allow_non_empty ? engine::Target::may_hold_objects : engine::Target::must_be_empty,
      .program_path = context.environment.text("PATH")};
  const auto begin = context.clock.monotonic();
  const auto done = [&] {
    TransferPicture picture(progress, {"restored", nullptr, "read"});
    const ProgressView view(picture, context.clock);
    return engine::restore_classic(options, reader, progress, context.stop);
  }();
  const std::string name = reader.entry().name.text();
  const auto duration = context.clock.monotonic() - begin;
  print_result(format("restored \"{}\" into \"{}\": {} of SQL in {}", name, done.database,
                      format_size(done.sql_size), format_duration(duration)),
               {{"event", "restore"},
                {"backup", name},
                {"database", done.database},
                {"sql_bytes", done.sql_size},
                {"seconds", std::chrono::duration<double>(duration).count()}});
  return Exit::ok;
}

Exit write_script(const postgres::RestoreOptions& pg_restore, backupset::ArchiveReader& reader,
                  const Context& context) {
  const auto sink = open_output("-", context.stop);
  engine::ArchiveProgress progress;
  engine::write_archive_script(pg_restore, context.environment.text("PATH"), reader, progress,
                               *sink, context.stop);
  sink->finish();
  log::info("wrote \"{}\": {} of rows and large objects", reader.place().name(),
            format_size(progress.totals.dumped));
  return Exit::ok;
}

Json messages_json(const std::vector<postgres::RestoreMessage>& messages) {
  Json json = Json::array();
  for (const auto& message : messages) {
    json.push_back({{"entry", message.entry}, {"message", message.text}});
  }
  return json;
}

Exit report(const engine::ArchiveRestoreReport& done, const std::string& name,
            std::chrono::nanoseconds duration) {
  std::string text =
      format("restored \"{}\" into \"{}\": {} rows in {} tables, {} large objects, {} in {}", name,
             done.database, done.rows, done.tables, done.large_objects,
             format_size(done.content_size), format_duration(duration));
  if (!done.left_out.empty()) text += format("; {} left out", done.left_out.size());
  if (done.error_count > 0) text += format("; errors: {}", done.error_count);
  print_result(text, {{"event", "restore"},
                      {"backup", name},
                      {"database", done.database},
                      {"entries", done.entries},
                      {"tables", done.tables},
                      {"rows", done.rows},
                      {"large_objects", done.large_objects},
                      {"content_bytes", done.content_size},
                      {"bytes_read", done.bytes_read},
                      {"errors", done.error_count},
                      {"error_list", messages_json(done.errors)},
                      {"left_out", messages_json(done.left_out)},
                      {"seconds", std::chrono::duration<double>(duration).count()}});
  return done.error_count > 0 ? Exit::warnings : Exit::ok;
}

Exit restore_archive(const RestoreFlags& flags, const RestoreSettings& settings,
                     const backupset::BackupPlace& place, store::ObjectStore& store,
                     AwsAccess& access, const Context& context) {
  postgres::RestoreOptions pg_restore = flags.pg_restore;
  pg_restore.role = flags.role.value_or("");
  std::unique_ptr<backupset::ArchiveReader> reader;
  Problems problems(format("cannot restore \"{}\"", place.name()));
  problems.collect([&] {
    reader = open_archive(store, place, settings.signer, settings.read.identity, context.stop);
  });
  if (flags.to_stdout) {
    problems.throw_if_any();
    return write_script(pg_restore, *reader, context);
  }
  const engine::ArchiveRestoreOptions options{
      .target = open_database(*settings.target, access, context.clock),
      .target_state =
          flags.allow_non_empty ? engine::Target::may_hold_objects : engine::Target::must_be_empty,
      .pg_restore = pg_restore,
      .jobs = settings.jobs,
      .force_version = flags.force_version,
      .dry_run = flags.dry_run,
      .resume = flags.resume,
      .program_path = context.environment.text("PATH")};
  engine::ArchiveProgress progress;
  const auto begin = context.clock.monotonic();
  const auto done = [&] {
    WorkersPicture picture(progress, {"loaded", "the backup's", "read"});
    const ProgressView view(picture, context.clock);
    return engine::restore_archive(options, reader.get(), problems, progress, context.clock,
                                   context.stop);
  }();
  if (!flags.dry_run) return report(done, place.name(), context.clock.monotonic() - begin);
  print_result(format("\"{}\" can be restored into \"{}\": {} entries; nothing was done",
                      place.name(), done.database, done.entries),
               {{"event", "restore_dry_run"},
                {"backup", place.name()},
                {"database", done.database},
                {"entries", done.entries}});
  return Exit::ok;
}

Exit run(const RestoreFlags& flags, const Context& context) {
  const RestoreSettings settings = resolve(flags, context.configuration);
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(settings.read.store, access, context.clock);
  ChosenBackup chosen = choose_backup(flags.read, settings.read, *store, context.stop);
  if (auto* classic = std::get_if<backupset::ClassicEntry>(&chosen)) {
    return restore_classic(flags, settings, std::move(*classic), *store, access, context);
  }
  return restore_archive(flags, settings, std::get<backupset::BackupPlace>(chosen), *store, access,
                         context);
}

void add_pg_restore_options(Command command, RestoreFlags& flags) {
  const std::string group = "Archives only (as pg_restore has them)";
  postgres::RestoreOptions& options = flags.pg_restore;
  command.add_list("-t,--table", options.tables, "restore only this table; may be repeated")
      .type_name("NAME")
      .group(group);
  command.add_list("-n,--schema", options.schemas, "restore only objects in this schema")
      .type_name("NAME")
      .group(group);
  command
      .add_list("--section", options.sections,
                "restore only this section: pre-data, data or post-data")
      .type_name("SECTION")
      .group(group);
  command
      .add_flag("-C,--create", options.create,
                "create the database that was backed up; --to is where to connect first")
      .group(group);
  command.add_flag("-c,--clean", options.clean, "drop objects before they are made").group(group);
  command.add_flag("--if-exists", options.if_exists, "with --clean: those that exist").group(group);
  command.add_flag("-O,--no-owner", options.no_owner, "leave owners out").group(group);
  command.add_flag("-x,--no-acl,--no-privileges", options.no_acl, "leave GRANT and REVOKE out")
      .group(group);
  command.add_flag("--no-tablespaces", options.no_tablespaces, "leave tablespaces out")
      .group(group);
  command.add_text("--role", flags.role, "SET ROLE to this before restoring")
      .type_name("NAME")
      .group(group);
  command
      .add_flag("-e,--exit-on-error", options.exit_on_error,
                "stop at the first error; else errors are counted, and exit code 3")
      .group(group);
  command
      .add_flag("--force-version", flags.force_version,
                "restore into a server that is older than the backup's")
      .group(group);
  command.add_flag("--dry-run", flags.dry_run, "prove backup and target, and end").group(group);
  command.add_flag("--resume", flags.resume, "go on with a restore that was interrupted")
      .group(group);
}

}  // namespace

void add_restore_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<RestoreFlags>();
  Command command = program.add_command("restore", "Restore a backup into a database");
  add_read_options(command, own->read, flags);
  add_settings(command, flags, "Options", {&setting::signer, &setting::jobs});
  const Option to =
      command
          .add_text("--to", own->to, "database to restore into: its name, or a connection string")
          .type_name("CONNINFO");
  Option to_stdout = command
                         .add_flag("--to-stdout", own->to_stdout,
                                   "write the SQL script to standard output instead; archives only")
                         .excludes(to);
  command.add_flag("--allow-non-empty", own->allow_non_empty,
                   "restore into a database that already holds objects");
  add_pg_restore_options(command, *own);
  for (const char* about_the_target :
       {"--allow-non-empty", "--force-version", "--dry-run", "--resume"}) {
    to_stdout.excludes(command.option(about_the_target));
  }
  add_authentication_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
