#include "base/format.h"
#include "base/problems.h"
#include "cli/drill_outputs.h"
#include "cli/open_archive.h"
#include "cli/open_database.h"
#include "cli/progress_pictures.h"
#include "cli/read_options.h"
#include "engine/drill.h"

namespace pgseal::cli {

namespace {

struct DrillFlags {
  std::string backup = "latest";
  std::optional<std::string> to, directory;
  bool strict = false, unverified = false;
  DrillOutputFlags outputs;
};

/// What is resolved before anything is opened.
struct DrillSettings {
  ReadSettings read{};
  std::optional<crypto::MinisignPublicKey> signer{};
  std::optional<DatabaseSettings> target{};  ///< nothing for a throw-away server
  unsigned jobs = 0;
  DrillOutputSettings outputs{};
};

DrillSettings resolve(const DrillFlags& flags, Configuration& configuration, TimePoint now) {
  auto read = resolve_read(configuration);
  DrillSettings settings{.signer = resolve_signer(configuration),
                         .jobs = configuration.number(setting::jobs, 1, kMostJobs),
                         .outputs = resolve_drill_outputs(flags.outputs, configuration, now)};
  if (flags.to) settings.target = resolve_target(*flags.to, configuration);
  if (!flags.to && !settings.signer && !flags.unverified) {
    configuration.problems().add(
        "the public key of who signed the backup is missing: what is in a backup can run commands "
        "on the machine of a throw-away server; --signer, or --unverified where you trust the "
        "store");
  }
  configuration.problems().throw_if_any();
  settings.read = *std::move(read);
  return settings;
}

std::string scratch_directory(const DrillFlags& flags, const Environment& environment) {
  return flags.directory.value_or(environment.get("TMPDIR").value_or("/tmp"));
}

Exit run(const DrillFlags& flags, const Context& context) {
  const DrillSettings settings = resolve(flags, context.configuration, context.clock.now());
  AwsAccess access(context.configuration, context.clock);
  const auto store =
      open_store(settings.outputs.store ? *settings.outputs.store : settings.read.store, access,
                 context.clock);
  const auto place = choose_archive(
      *store, flags.backup, settings.read.database, "drill",
      "its content is in it as one script, which nothing can be compared with: restore it with "
      "pgseal restore into an empty database and look",
      context.stop);
  DrillOutputs outputs(flags.outputs, settings.outputs, context.stop);
  Problems damage(format("cannot drill \"{}\"", place.name()));
  backupset::ArchiveReader reader(
      *store, place, settings.signer,
      [&](const std::string&, const Error& error) { damage.add(error); }, context.stop);
  const auto open = [&] {
    damage.throw_if_any();
    warn_of_signature(reader);
    reader.open(open_identities(settings.read.identity, context.stop), context.stop);
  };
  engine::DrillOptions options{.directory = scratch_directory(flags, context.environment),
                               .jobs = settings.jobs,
                               .strict = flags.strict,
                               .program_path = context.environment.text("PATH"),
                               .pgseal_version = PGSEAL_VERSION};
  if (settings.target) {
    options.target = open_database(*settings.target, access, context.clock);
  }
  engine::ArchiveProgress progress;
  const auto report = [&] {
    WorkersPicture picture(progress, {"loaded and read back", "the backup's", "read"});
    const ProgressView view(picture, context.clock);
    return engine::drill(options, reader, open, progress, context.clock, context.stop);
  }();
  return outputs.deliver(report, *store);
}

}  // namespace

void add_drill_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<DrillFlags>();
  Command command = program.add_command(
      "drill", "Restore a backup into a throw-away server and compare what is there with it");
  add_backup_argument(command, own->backup);
  add_archive_settings(command, flags);
  const Option to = command
                        .add_text("--to", own->to,
                                  "restore into this empty database instead: its name, or a "
                                  "connection string")
                        .type_name("CONNINFO");
  command
      .add_text("--directory", own->directory,
                "where the throw-away server has its data; without it TMPDIR, else /tmp")
      .type_name("DIRECTORY")
      .excludes(to);
  command
      .add_flag("--unverified", own->unverified,
                "also restore into a throw-away server what nobody is known to have signed")
      .excludes(to);
  command.add_flag("--strict", own->strict,
                   "fail too where something was left out: what the server lacks (extensions, "
                   "roles), or a managed one refuses");
  add_drill_output_options(command, own->outputs, flags);
  add_store_settings(command, flags);
  add_authentication_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
