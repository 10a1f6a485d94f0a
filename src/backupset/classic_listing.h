#pragma once
// What lies in a store, as classic backups.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backupset/classic_manifest.h"
#include "backupset/classic_name.h"
#include "backupset/read_object.h"
#include "store/object_store.h"

namespace pgseal::backupset {

/// A manifest that was found, or a pair that has none.
struct ClassicEntry {
  ClassicName name;
  std::optional<SealedManifest> manifest;  ///< absent where there is none, or it cannot be read
  bool has_manifest_object = false;
  std::uint64_t size = 0;  ///< bytes of key and data object, as they lie in the store
  /// Why it is no backup, "" where it is one: a manifest that can be read, and both objects there
  /// with the sizes that it names. Contents are for `restore` and `decrypt` to prove.
  std::string problem;

  [[nodiscard]] bool committed() const { return problem.empty(); }
};

/// All entries, oldest first; of one database where `database` is not empty.
[[nodiscard]] std::vector<ClassicEntry> list_classic(store::ObjectStore& store,
                                                     const std::string& database,
                                                     const std::stop_token& stop);

}  // namespace pgseal::backupset
