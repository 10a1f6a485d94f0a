#include "base/format.h"
#include "base/size.h"
#include "cli/backup_choice.h"
#include "cli/commands.h"
#include "cli/open_archive.h"
#include "cli/progress_pictures.h"
#include "cli/store_settings.h"
#include "engine/archive_export.h"

namespace pgseal::cli {

namespace {

struct ExportFlags {
  std::string backup, directory;
  bool plain = false;
};

Exit run(const ExportFlags& flags, const Context& context) {
  Configuration& configuration = context.configuration;
  const auto url = resolve_store(configuration);
  const auto signer = resolve_signer(configuration);
  const auto identity = resolve_identity(configuration);
  const unsigned jobs = configuration.number(setting::jobs, 1, kMostJobs);
  if (!identity) {
    configuration.problems().add("the private key is missing: --identity, or PGSEAL_IDENTITY");
  }
  configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(*url, access, context.clock);
  const auto place = choose_archive(
      *store, flags.backup, configuration.text_or_empty(setting::wanted_database), "export",
      "pgseal decrypt writes its SQL, pgseal restore restores it", context.stop);
  const auto reader = open_archive(*store, place, signer, *identity, context.stop);

  engine::Progress progress;
  const engine::ArchiveExportOptions options{
      .directory = flags.directory,
      .form = flags.plain ? engine::ExportForm::plain : engine::ExportForm::automatic,
      .jobs = jobs};
  const auto begin = context.clock.monotonic();
  const auto done = [&] {
    TransferPicture picture(progress, {"exported", nullptr, "read"});
    const ProgressView view(picture, context.clock);
    return engine::export_archive(options, *reader, progress, context.stop);
  }();
  const auto duration = context.clock.monotonic() - begin;
  print_result(format("exported \"{}\" to \"{}\": {} rows in {} tables, {} large objects, {} in {}",
                      place.name(), flags.directory, done.rows, done.tables, done.large_objects,
                      format_size(done.size), format_duration(duration)),
               {{"event", "export"},
                {"backup", place.name()},
                {"directory", flags.directory},
                {"tables", done.tables},
                {"rows", done.rows},
                {"large_objects", done.large_objects},
                {"bytes", done.size},
                {"seconds", std::chrono::duration<double>(duration).count()}});
  return Exit::ok;
}

}  // namespace

void add_export_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<ExportFlags>();
  Command command = program.add_command(
      "export", "Write an archive backup as the directory that pg_dump -Fd makes, for pg_restore");
  add_backup_argument(command, own->backup).required();
  command.add_text("directory", own->directory, "directory to make; must not be there, or empty")
      .type_name("DIRECTORY")
      .required();
  command.add_flag("--plain", own->plain,
                   "decompress all files; else they stay compressed where pg_restore of that "
                   "version can read them");
  add_archive_settings(command, flags);
  add_store_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
