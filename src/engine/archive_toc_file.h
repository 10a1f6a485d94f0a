#pragma once
// What a backup holds beside rows and large objects: its table of contents with the files beside
// it, and its globals.

#include <map>
#include <string>

#include "backupset/archive_reader.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// The files of "toc.tar.age" by their names: "toc.dat", and the large objects' own tables of
/// contents. After `reader.open()`. Throws Error of `Exit::verification`, also where there is no
/// "toc.dat", or a name twice.
[[nodiscard]] std::map<std::string, Bytes> read_toc_files(const backupset::ArchiveReader& reader,
                                                          const std::stop_token& stop);
/// "toc.dat" of them, read.
[[nodiscard]] postgres::ArchiveToc read_archive_toc(const backupset::ArchiveReader& reader,
                                                    const std::stop_token& stop);

/// What the large objects' own table of contents says: "16409 blob_16409.dat", a line for each.
[[nodiscard]] std::string blobs_toc_text(const backupset::LargeObjects& group);

/// The script that makes the roles ("globals.sql"). After `reader.open()`. Throws Error of
/// `Exit::verification`.
[[nodiscard]] Bytes read_globals(const backupset::ArchiveReader& reader,
                                 const std::stop_token& stop);

}  // namespace pgseal::engine
