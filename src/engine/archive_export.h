#pragma once
// The verb `export`: an archive backup as the directory that `pg_dump -Fd` would have written.

#include <string>

#include "backupset/archive_reader.h"
#include "engine/progress.h"

namespace pgseal::engine {

/// Whether data files are decompressed: pg_restore before version 16 reads no ".zst". Left to
/// `automatic`, those of archives that such a pg_dump described are.
enum class ExportForm { automatic, compressed, plain };

struct ArchiveExportOptions {
  std::string directory;  ///< must not exist, or be empty
  ExportForm form = ExportForm::automatic;
  unsigned jobs = 4;
};

struct ArchiveExportReport {
  std::uint64_t tables = 0, large_objects = 0, rows = 0;
  std::uint64_t size = 0;  ///< bytes of all files
};

/// Writes `toc.dat`, every table's data file, the large objects and "globals.sql". Every object is
/// compared with the manifest and every chunk with the catalog. The directory gets its name when
/// it is whole; a failed export leaves nothing behind. Throws Error of `Exit::verification`, and
/// of `Exit::usage` where the directory is in the way.
[[nodiscard]] ArchiveExportReport export_archive(const ArchiveExportOptions& options,
                                                 backupset::ArchiveReader& reader,
                                                 Progress& progress, const std::stop_token& stop);

}  // namespace pgseal::engine
