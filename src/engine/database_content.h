#pragma once
// What a database holds at one moment, told by a backup of it or by itself.

#include <string>
#include <vector>

#include "backupset/archive_reader.h"
#include "engine/archive_progress.h"
#include "engine/database.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// Enough to compare two of them.
struct DatabaseContent {
  std::string name;  ///< of the backup, or of the database, for people
  postgres::ArchiveToc toc;
  /// Its tables' rows and large objects by their fingerprints; of a database without the places of
  /// chunks.
  backupset::Catalog catalog;
  /// Of a backup: the names of pg_dump's options by which it was made, "--schema".
  std::vector<std::string> pg_dump_options{};
};

/// Nothing but catalog and TOC is read. `reader` is open.
[[nodiscard]] DatabaseContent read_content(const backupset::ArchiveReader& reader,
                                           const std::stop_token& stop);

struct ContentOptions {
  const Database& database;
  unsigned jobs = 1;         ///< connections that read, 1 to 64
  std::string program_path;  ///< PATH, where pg_dump is looked for too
};

/// Reads every row and large object of a database under one snapshot, as a backup would, and keeps
/// their fingerprints only. It is read as `like` was, so that equal contents are told in equal
/// words: by a pg_dump of the same version where one is installed, with the same options without a
/// value, the same encoding, and columns in the same order. Throws Error of `Exit::database`.
[[nodiscard]] DatabaseContent read_content(const ContentOptions& options,
                                           const DatabaseContent& like, ArchiveProgress& progress,
                                           const Clock& clock, const std::stop_token& stop);

}  // namespace pgseal::engine
