#pragma once
// The verb `drill`: a backup restored, read back and compared.

#include <functional>
#include <optional>
#include <string>

#include "backupset/archive_reader.h"
#include "backupset/drill_report.h"
#include "engine/archive_progress.h"
#include "engine/database.h"

namespace pgseal::engine {

struct DrillOptions {
  /// An empty database to restore into; nothing: a throw-away server is started for it.
  std::optional<Database> target{};
  std::string directory;  ///< below which the throw-away server has its data
  unsigned jobs = 4;
  bool strict = false;       ///< what was left out fails the drill
  std::string program_path;  ///< PATH, where PostgreSQL's programs are looked for too
  std::string pgseal_version;
};

/// Restores the backup, reads all of the result back and compares it with the backup's own catalog
/// and table of contents. A throw-away server and its data are gone when this returns or throws.
/// `open` opens `reader`, and may throw what is known to be wrong with it. A damaged backup, and
/// one that cannot be restored, is a report that did not pass; what stood in the way of the drill
/// itself (no key, no server, no room, the store) is thrown.
[[nodiscard]] backupset::DrillReport drill(const DrillOptions& options,
                                           backupset::ArchiveReader& reader,
                                           const std::function<void()>& open,
                                           ArchiveProgress& progress, const Clock& clock,
                                           const std::stop_token& stop);

}  // namespace pgseal::engine
