#pragma once
// What a restore's errors tell of the backup, and what only of the server that it went to.

#include <map>
#include <string>
#include <vector>

#include "engine/archive_restore.h"

namespace pgseal::engine {

struct JudgedErrors {
  std::vector<backupset::DrillFinding> errors;
  /// Why entries of the TOC cannot be there as they were, by their dump ids: what a managed server
  /// refuses, an extension that the server does not have with all that needs it, what names a role
  /// that is not there.
  std::map<int, std::string> excuses;
};

[[nodiscard]] JudgedErrors judge_errors(const postgres::ArchiveToc& toc,
                                        const ArchiveRestoreReport& restored);

}  // namespace pgseal::engine
