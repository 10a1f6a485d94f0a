#include "cli/read_options.h"

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "cli/key_settings.h"

namespace pgseal::cli {

void add_read_options(CLI::App& command, ReadFlags& flags) {
  command.add_option("backup", flags.backup, "a backup that `pgseal list` shows, or latest")
      ->type_name("BACKUP")
      ->capture_default_str();
  add_text(command, "--database", flags.database,
           "of which database the latest is meant (POSTGRES_DATABASE)")
      ->type_name("NAME");
  add_text(command, "-i,--identity", flags.identity, "RSA private key in PEM (PGSEAL_IDENTITY)")
      ->type_name("FILE");
  add_text(command, "--passphrase-file", flags.passphrase_file,
           "file whose first line is the private key's pass phrase; without it, one is asked for")
      ->type_name("FILE");
  command.add_flag("--unverified", flags.unverified,
                   "also read pairs without a manifest, as the old image made them");
  add_store_options(command, flags.store);
}

std::optional<ReadSettings> resolve_read(const ReadFlags& flags, const Environment& environment,
                                         Problems& problems) {
  auto store = resolve_store(flags.store, environment, problems);
  const auto identity = choose(flags.identity, {"PGSEAL_IDENTITY"}, environment, problems);
  if (!identity) problems.add("the private key is missing: --identity, or PGSEAL_IDENTITY");
  if (!store || !identity) return std::nullopt;
  return ReadSettings{std::move(*store), *identity};
}

engine::ClassicReader open_backup(const ReadFlags& flags, const ReadSettings& settings,
                                  store::ObjectStore& store, const Context& context) {
  const engine::Selection selection{
      .backup = flags.backup,
      .database = flags.database.value_or(context.environment.text("POSTGRES_DATABASE")),
      .trust = flags.unverified ? engine::Trust::unverified : engine::Trust::verified};
  backupset::ClassicEntry entry = engine::find_classic(store, selection, context.stop);
  if (!entry.manifest) {
    log::warning("\"{}\" has no manifest: nothing proves that it is whole and unchanged",
                 entry.name.text());
  }
  const crypto::RsaPrivateKey identity =
      open_identity(settings.identity, flags.passphrase_file, context.stop);
  return {store, std::move(entry), identity, context.stop};
}

}  // namespace pgseal::cli
