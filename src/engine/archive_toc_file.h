#pragma once
// The table of contents of a backup.

#include "backupset/archive_reader.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// After `reader.open()`. Throws Error of `Exit::verification`.
[[nodiscard]] postgres::ArchiveToc read_archive_toc(const backupset::ArchiveReader& reader,
                                                    const std::stop_token& stop);

}  // namespace pgseal::engine
