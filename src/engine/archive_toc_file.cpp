#include "engine/archive_toc_file.h"

#include "backupset/archive_layout.h"
#include "backupset/tar.h"
#include "base/error.h"

namespace pgseal::engine {

postgres::ArchiveToc read_archive_toc(const backupset::ArchiveReader& reader,
                                      const std::stop_token& stop) {
  const Bytes tar = reader.decrypt_object(backupset::kTocName, stop);
  ByteSource source(tar);
  backupset::TarReader files(source);
  backupset::TarReader::Entry entry;
  while (files.next(entry)) {
    if (entry.name != "toc.dat") continue;
    return postgres::read_directory_toc(ByteView(tar).subspan(entry.offset, entry.size));
  }
  throw Error(Exit::verification, "the backup has no \"toc.dat\"");
}

}  // namespace pgseal::engine
