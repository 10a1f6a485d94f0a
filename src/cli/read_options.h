#pragma once
// What `restore` and `decrypt` have in common: which backup, from where, opened with what.

#include <optional>
#include <string>

#include "cli/commands.h"
#include "engine/classic_reader.h"

namespace pgseal::cli {

struct ReadFlags {
  StoreFlags store;
  std::string backup = "latest";
  std::optional<std::string> database, identity, passphrase_file;
  bool unverified = false;
};

void add_read_options(CLI::App& command, ReadFlags& flags);

/// What a command reads with, resolved.
struct ReadSettings {
  store::StoreUrl store;
  std::string identity;
};
[[nodiscard]] std::optional<ReadSettings> resolve_read(const ReadFlags& flags,
                                                       const Environment& environment,
                                                       Problems& problems);

/// Finds the backup and opens it with the identity.
[[nodiscard]] engine::ClassicReader open_backup(const ReadFlags& flags,
                                                const ReadSettings& settings,
                                                store::ObjectStore& store, const Context& context);

}  // namespace pgseal::cli
