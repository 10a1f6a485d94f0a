#include "cli/backup_report.h"
#include "cli/backup_settings.h"
#include "cli/commands.h"
#include "cli/open_database.h"
#include "cli/progress_pictures.h"
#include "engine/archive_backup.h"
#include "engine/classic_backup.h"

namespace pgseal::cli {

namespace {

struct BackupFlags {
  bool explain = false;
  bool json = false;
};

RetryCounts retries(const store::ObjectStore& store, AwsAccess& access) {
  RetryCounts all = store.retries();
  for (const auto& [cause, count] : access.sts().retries()) all[cause] += count;
  return all;
}

void back_up(const BackupSettings& settings, const ClassicSettings& classic,
             const engine::Database& database, store::ObjectStore& store, AwsAccess& access,
             const Context& context) {
  const engine::ClassicBackupOptions options{.database = database,
                                             .public_key = classic.public_key,
                                             .rate_limit = settings.rate_limit,
                                             .jobs = classic.jobs,
                                             .program_path = context.environment.text("PATH"),
                                             .pgseal_version = PGSEAL_VERSION};
  engine::Progress progress;
  const auto done = [&] {
    TransferPicture picture(progress, {"dumped", "compressed", "sent"});
    const ProgressView view(picture, context.clock);
    return engine::backup_classic(options, store, context.clock, progress, context.stop);
  }();
  report_classic(done, store, retries(store, access));
}

void back_up(const BackupSettings& settings, const ArchiveSettings& archive,
             const engine::Database& database, store::ObjectStore& store, AwsAccess& access,
             const Context& context) {
  engine::ArchiveBackupOptions options{.database = database,
                                       .recipients = archive.recipients,
                                       .signing_key = std::nullopt,
                                       .shape = archive.shape,
                                       .rate_limit = settings.rate_limit,
                                       .pg_dump = archive.pg_dump,
                                       .program_path = context.environment.text("PATH"),
                                       .pgseal_version = PGSEAL_VERSION};
  if (archive.signing_key) {
    options.signing_key = open_signing_key(*archive.signing_key, context.stop);
  }
  engine::ArchiveProgress progress;
  const auto done = [&] {
    WorkersPicture picture(progress, {"copied", "the database's", "sent"});
    const ProgressView view(picture, context.clock);
    return engine::backup_archive(options, store, context.clock, progress, context.stop);
  }();
  report_archive(done, store, retries(store, access));
}

Exit run(const Context& context) {
  const auto settings = resolve_backup(context.configuration, context.clock.now());
  context.configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(settings->store, access, context.clock);
  const engine::Database database = open_database(settings->database, access, context.clock);
  std::visit(
      [&](const auto& of_format) {
        back_up(*settings, of_format, database, *store, access, context);
      },
      settings->of_format);
  return Exit::ok;
}

Exit explain(PlanForm form, const Context& context) {
  if (resolve_format(context.configuration) == BackupFormat::classic) {
    context.configuration.problems().add("--explain is for the archive format");
  }
  const PlanSettings settings = resolve_plan(context.configuration);
  context.configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const engine::ArchiveBackupOptions options{
      .database = open_database(settings.database, access, context.clock),
      .recipients = {},
      .signing_key = std::nullopt,
      .shape = settings.shape,
      .pg_dump = settings.pg_dump,
      .program_path = context.environment.text("PATH"),
      .pgseal_version = PGSEAL_VERSION};
  print_plan(engine::explain_archive(options, context.clock, context.stop), form);
  return Exit::ok;
}

}  // namespace

void add_backup_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<BackupFlags>();
  Command command = program.add_command("backup", "Back up a database");
  command.set_help_flag("--help");  // -h is the host, as pg_dump has it
  const Option explain_flag =
      command
          .add_flag("--explain", own->explain,
                    "print the plan of an archive backup, tables, segments and memory, and end")
          .group("Backup");
  command.add_flag("--json", own->json, "the plan as JSON").needs(explain_flag).group("Backup");
  add_backup_settings(command, flags);
  command.set_callback([own, &chosen] {
    chosen = [own](const Context& context) {
      if (own->explain) return explain(own->json ? PlanForm::json : PlanForm::text, context);
      return run(context);
    };
  });
}

}  // namespace pgseal::cli
