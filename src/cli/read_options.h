#pragma once
// What `restore` and `decrypt` have in common: which classic backup, from where, opened with what.

#include <optional>
#include <string>

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
  store::StoreUrl store;
  IdentityFile identity;
  std::string database;  ///< of which the latest backup is meant; "" where it is not said
};
[[nodiscard]] std::optional<ReadSettings> resolve_read(Configuration& configuration);

/// Finds the backup and opens it with the identity. Throws Error of `Exit::usage` where it is one
/// of the archive format, which is exported instead.
[[nodiscard]] engine::ClassicReader open_backup(const ReadFlags& flags,
                                                const ReadSettings& settings,
                                                store::ObjectStore& store,
                                                const std::stop_token& stop);

}  // namespace pgseal::cli
