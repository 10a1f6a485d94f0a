#include "cli/read_options.h"

#include "base/log.h"

namespace pgseal::cli {

void add_read_options(Command command, ReadFlags& read_flags, GivenFlags& flags) {
  add_backup_argument(command, read_flags.backup);
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

ChosenBackup choose_backup(const ReadFlags& flags, const ReadSettings& settings,
                           store::ObjectStore& store, const std::stop_token& stop) {
  return choose_backup(store, flags.backup, settings.database,
                       flags.unverified ? engine::Trust::unverified : engine::Trust::verified,
                       stop);
}

engine::ClassicReader open_classic(backupset::ClassicEntry entry, const ReadSettings& settings,
                                   store::ObjectStore& store, const std::stop_token& stop) {
  if (!entry.manifest) {
    log::warning("\"{}\" has no manifest: nothing proves that it is whole and unchanged",
                 entry.name.text());
  }
  const crypto::RsaPrivateKey identity = open_identity(settings.identity, stop);
  return {store, std::move(entry), identity, stop};
}

}  // namespace pgseal::cli
