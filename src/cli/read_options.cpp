#include "cli/read_options.h"

#include "base/format.h"
#include "base/log.h"
#include "cli/backup_choice.h"

namespace pgseal::cli {

namespace {

Error is_an_archive(const std::string& name) {
  return Error(Exit::usage,
               format("cannot read \"{}\": it is in the archive format, and this command reads the "
                      "classic format only",
                      name))
      .with_hint(format("pgseal export {} DIRECTORY, then pg_restore -d DATABASE DIRECTORY", name));
}

/// Throws where the backup that is meant is an archive.
void refuse_archives(const ReadFlags& flags, const ReadSettings& settings,
                     store::ObjectStore& store, const std::stop_token& stop) {
  if (backupset::BackupPlace::parse(flags.backup)) throw is_an_archive(flags.backup);
  if (flags.backup != "latest") return;
  std::optional<ListedBackup> latest;
  for (auto& backup : list_backups(store, settings.database, stop)) {
    if (backup.committed() || flags.unverified) latest = std::move(backup);
  }
  if (latest && std::holds_alternative<backupset::ArchiveEntry>(latest->entry())) {
    throw is_an_archive(latest->name());
  }
}

}  // namespace

void add_read_options(Command command, ReadFlags& read_flags, GivenFlags& flags) {
  command.add_text("backup", read_flags.backup, "a backup that `pgseal list` shows, or latest")
      .type_name("BACKUP");
  add_settings(command, flags, "Options",
               {&setting::wanted_database, &setting::identity, &setting::passphrase_file});
  command.add_flag("--unverified", read_flags.unverified,
                   "also read pairs without a manifest, as the old image made them");
  add_store_settings(command, flags);
}

std::optional<ReadSettings> resolve_read(Configuration& configuration) {
  auto store = resolve_store(configuration);
  auto identity = resolve_identity(configuration);
  if (!identity) {
    configuration.problems().add("the private key is missing: --identity, or PGSEAL_IDENTITY");
  }
  if (!store || !identity) return std::nullopt;
  return ReadSettings{std::move(*store), std::move(*identity),
                      configuration.text_or_empty(setting::wanted_database)};
}

engine::ClassicReader open_backup(const ReadFlags& flags, const ReadSettings& settings,
                                  store::ObjectStore& store, const std::stop_token& stop) {
  refuse_archives(flags, settings, store, stop);
  const engine::Selection selection{
      .backup = flags.backup,
      .database = settings.database,
      .trust = flags.unverified ? engine::Trust::unverified : engine::Trust::verified};
  backupset::ClassicEntry entry = engine::find_classic(store, selection, stop);
  if (!entry.manifest) {
    log::warning("\"{}\" has no manifest: nothing proves that it is whole and unchanged",
                 entry.name.text());
  }
  const crypto::RsaPrivateKey identity = open_identity(settings.identity, stop);
  return {store, std::move(entry), identity, stop};
}

}  // namespace pgseal::cli
