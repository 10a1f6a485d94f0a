#include <unistd.h>

#include <filesystem>

#include "base/log.h"
#include "base/size.h"
#include "cli/age_file.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/progress_pictures.h"
#include "cli/read_options.h"

namespace pgseal::cli {

namespace {

struct DecryptFlags {
  ReadFlags read;
  bool named = false;  // what to decrypt was given
  std::optional<std::string> output;
};

constexpr const char* kWhatIsWhat =
    "What is decrypted: with --store or --bucket, a backup. Without them, an age file where the "
    "argument is - (standard input) or names a file that is there, and where no variable or file "
    "of settings names a store either; else a backup.";

bool is_given(const Setting& setting, Configuration& configuration) {
  const auto value = configuration.find(setting);
  return value && value->strength == Strength::flag;
}

/// As `kWhatIsWhat` says it.
bool is_age_file(const DecryptFlags& flags, Configuration& configuration) {
  if (flags.read.unverified) return false;
  for (const Setting* about_backups : {&setting::store, &setting::bucket, &setting::prefix,
                                       &setting::s3_region, &setting::wanted_database}) {
    if (is_given(*about_backups, configuration)) return false;
  }
  std::error_code none_there;
  const std::string& what = flags.read.backup;
  if (flags.named && (what == "-" || (std::filesystem::exists(what, none_there) &&
                                      !std::filesystem::is_directory(what)))) {
    return true;
  }
  return !configuration.find(setting::store) && !configuration.find(setting::bucket);
}

Exit decrypt_file(const DecryptFlags& flags, const Context& context) {
  if (!flags.named && ::isatty(STDIN_FILENO) != 0) {
    throw Error(Exit::usage, "nothing to decrypt: neither a file nor a store is named")
        .with_hint("pgseal decrypt FILE, or pgseal decrypt --store URL");
  }
  Configuration& configuration = context.configuration;
  const AgeKeys keys{.identity = configuration.text(setting::identity),
                     .passphrase_file = configuration.text(setting::passphrase_file)};
  configuration.problems().throw_if_any();
  const std::string path = flags.named ? flags.read.backup : "-";
  const auto input = open_input(path, context.stop);
  const auto sink = open_output(flags.output.value_or("-"), context.stop);
  const auto size = decrypt_age_file(*input, *sink, keys, input_name(path), context.stop);
  sink->finish();
  log::info("decrypted {}: {}", input_name(path), format_size(size));
  return Exit::ok;
}

Exit decrypt_backup(const DecryptFlags& flags, const Context& context) {
  const auto read = resolve_read(context.configuration);
  context.configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(read->store, access, context.clock);
  ChosenBackup chosen = choose_backup(flags.read, *read, *store, context.stop);
  if (const auto* archive = std::get_if<backupset::BackupPlace>(&chosen)) {
    throw Error(Exit::usage, format("cannot decrypt \"{}\": it is in the archive format, of many "
                                    "files",
                                    archive->name()))
        .with_hint(
            "pgseal export writes it as a directory for pg_restore, pgseal restore "
            "--to-stdout as SQL");
  }
  engine::ClassicReader reader = open_classic(std::get<backupset::ClassicEntry>(std::move(chosen)),
                                              *read, *store, context.stop);

  engine::Progress progress;
  std::unique_ptr<Sink> sink;
  {
    TransferPicture picture(progress, {"decrypted", nullptr, "read"});
    const ProgressView view(picture, context.clock);
    if (reader.entry().manifest) reader.verify(progress);
    sink = open_output(flags.output.value_or("-"), context.stop);
    reader.write_sql(*sink, progress);
    sink->finish();
  }
  log::info("decrypted \"{}\": {} of SQL", reader.entry().name.text(),
            format_size(progress.dumped));
  return Exit::ok;
}

}  // namespace

void add_decrypt_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<DecryptFlags>();
  Command command =
      program.add_command("decrypt", "Write a backup's SQL, or what is in an age file");
  add_read_options(command, own->read, flags);
  const Option what = command.option("backup")
                          .description(
                              "a backup that `pgseal list` shows, latest, or a time; or an age "
                              "file, - for standard input")
                          .type_name("BACKUP|FILE");
  command.option("--identity")
      .description(
          "private key: RSA in PEM; for age files any identity of age's as well "
          "(PGSEAL_IDENTITY)");
  command.option("--passphrase-file")
      .description(
          "file whose first line is the pass phrase of the private key or of the age "
          "file; without it, one is asked for");
  command.add_text("-o,--output", own->output, "file to write, - for standard output (default)")
      .type_name("FILE");
  command.set_footer(kWhatIsWhat);
  command.set_callback([own, what, &chosen] {
    own->named = what.given();
    chosen = [own](const Context& context) {
      return is_age_file(*own, context.configuration) ? decrypt_file(*own, context)
                                                      : decrypt_backup(*own, context);
    };
  });
}

}  // namespace pgseal::cli
