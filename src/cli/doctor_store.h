#pragma once
// From settings to the checks of a store.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/store_settings.h"
#include "engine/check.h"

namespace pgseal::cli {

/// What a backup will be, as far as its store has to know.
struct BackupToStore {
  std::string database;
  bool is_classic = false;
  std::vector<std::string> recipients{};         ///< as AgeRecipient::text()
  std::optional<std::uint64_t> expected_size{};  ///< bytes; absent where nobody knows
};

/// Looks at the store, and at the newest backup there. With `probe` it writes an object there.
void check_store(const StoreSettings& settings, const BackupToStore& backup, bool probe,
                 AwsAccess& access, const Context& context, engine::Checks& checks);

}  // namespace pgseal::cli
