#pragma once
// The archive backups in a store.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backupset/archive_manifest.h"
#include "store/object_store.h"

namespace pgseal::backupset {

struct ArchiveEntry {
  BackupPlace place;
  /// Absent where it cannot be read as one; nobody has verified its signature.
  std::optional<ArchiveManifest> manifest;
  bool has_manifest_object = false;
  std::uint64_t size = 0;             ///< bytes, of all its objects but those of drills
  bool is_signed = false;             ///< a signature lies beside the manifest
  std::vector<std::string> drills{};  ///< keys of their summaries, oldest first
  std::string problem;                ///< why it is no backup; "" where it is one
  [[nodiscard]] bool committed() const { return problem.empty(); }
};

/// All entries, oldest first; of one database where `database` is not empty. What has no manifest
/// (a backup that runs, or did not finish) is an entry with a problem; so is one whose manifest
/// names an object that is not there, or not of that size.
[[nodiscard]] std::vector<ArchiveEntry> list_archives(store::ObjectStore& store,
                                                      const std::string& database,
                                                      const std::stop_token& stop);

}  // namespace pgseal::backupset
