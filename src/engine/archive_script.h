#pragma once
// An archive backup as the SQL script that pg_restore makes of it.

#include "engine/archive_restore.h"

namespace pgseal::engine {

/// Writes what `options` choose as pg_restore does: pre-data, rows as COPY blocks, large objects,
/// post-data, in the TOC's order. Only what is written is read, and all of it compared with the
/// catalog; what was written before a damaged chunk cannot be taken back, so the script of a failed
/// run is cut off. Throws as `restore_archive()`.
void write_archive_script(const postgres::RestoreOptions& options, const std::string& program_path,
                          backupset::ArchiveReader& reader, ArchiveProgress& progress, Sink& script,
                          const std::stop_token& stop);

}  // namespace pgseal::engine
