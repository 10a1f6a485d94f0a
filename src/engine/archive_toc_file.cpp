#include "engine/archive_toc_file.h"

#include "backupset/archive_layout.h"
#include "backupset/tar.h"
#include "base/error.h"
#include "base/format.h"
#include "compress/zstd.h"

namespace pgseal::engine {

std::map<std::string, Bytes> read_toc_files(const backupset::ArchiveReader& reader,
                                            const std::stop_token& stop) {
  const Bytes tar = reader.decrypt_object(backupset::kTocName, stop);
  ByteSource source(tar);
  backupset::TarReader entries(source);
  backupset::TarReader::Entry entry;
  std::map<std::string, Bytes> files;
  while (entries.next(entry)) {
    const ByteView content = ByteView(tar).subspan(entry.offset, entry.size);
    if (!files.try_emplace(entry.name, content.begin(), content.end()).second) {
      throw Error(Exit::verification, format("the backup has two files \"{}\"", entry.name));
    }
  }
  if (!files.contains("toc.dat")) {
    throw Error(Exit::verification, "the backup has no \"toc.dat\"");
  }
  return files;
}

postgres::ArchiveToc read_archive_toc(const backupset::ArchiveReader& reader,
                                      const std::stop_token& stop) {
  return postgres::read_directory_toc(read_toc_files(reader, stop).at("toc.dat"));
}

std::string blobs_toc_text(const backupset::LargeObjects& group) {
  std::string text;
  for (const auto& object : group.objects) text += format("{0} blob_{0}.dat\n", object.oid);
  return text;
}

Bytes read_globals(const backupset::ArchiveReader& reader, const std::stop_token& stop) {
  const Bytes globals = reader.decrypt_object(backupset::kGlobalsName, stop);
  ByteSource frames(globals);
  compress::ZstdDecoder decoder;
  TransformSource sql(frames, decoder);
  return read_all(sql, 256 * kMiB, "globals.sql");
}

}  // namespace pgseal::engine
