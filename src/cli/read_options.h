#pragma once
// What `restore` and `decrypt` have in common: which backup, from where, opened with what.

#include <optional>
#include <string>

#include "cli/backup_choice.h"
#include "cli/commands.h"
#include "cli/key_settings.h"
#include "cli/store_settings.h"
#include "engine/classic_reader.h"

namespace pgseal::cli {

/// The options that are no settings.
struct ReadFlags {
  std::string backup = "latest";
  bool unverified = false;
};

void add_read_options(Command command, ReadFlags& read_flags, GivenFlags& flags);

/// What a command reads with, resolved.
struct ReadSettings {
  StoreSettings store;
  IdentityFile identity;
  std::string database;  ///< of which the latest backup is meant; "" where it is not said
};
[[nodiscard]] std::optional<ReadSettings> resolve_read(Configuration& configuration);

/// As choose_backup().
[[nodiscard]] ChosenBackup choose_backup(const ReadFlags& flags, const ReadSettings& settings,
                                         store::ObjectStore& store, const std::stop_token& stop);

/// Opens a classic backup with the identity.
[[nodiscard]] engine::ClassicReader open_classic(backupset::ClassicEntry entry,
                                                 const ReadSettings& settings,
                                                 store::ObjectStore& store,
                                                 const std::stop_token& stop);

}  // namespace pgseal::cli
