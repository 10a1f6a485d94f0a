#pragma once
// A chunk's content against what the catalog says of it.

#include <functional>

#include "backupset/archive_reader.h"
#include "backupset/tar.h"
#include "engine/catalog_chunks.h"

namespace pgseal::engine {

/// Hands the content of the zstd frame that `frame` gives to `take`, piece by piece. Throws Error
/// of `Exit::verification`, naming the chunk's file, where it is damaged or its size is not
/// `chunk.content_size`: that is known at the end, when the pieces have been taken.
void decompress_chunk(const backupset::Chunk& chunk, Source& frame,
                      const std::function<void(ByteView)>& take);
/// The same of a frame in memory.
void decompress_chunk(const backupset::Chunk& chunk, ByteView frame,
                      const std::function<void(ByteView)>& take);
/// The same, whole.
[[nodiscard]] Bytes decompress_chunk(const backupset::Chunk& chunk, ByteView frame);

/// Compares the rows of a chunk, as they pass, with what the catalog says. The closing line of a
/// data file is no row. Throws Error of `Exit::verification`, naming the chunk's file.
class RowsCheck final {
 public:
  explicit RowsCheck(const backupset::RowsChunk& chunk) : chunk_(chunk) {}
  /// Any part of the text.
  void add(ByteView text);
  void finish();

 private:
  const backupset::RowsChunk& chunk_;
  backupset::RowsFingerprint found_;
  Bytes begun_;  // a row whose end has not come
};

/// Hands the rows of a chunk on as `decompress_chunk()` does, and compares them.
void decompress_rows(const backupset::RowsChunk& chunk, Source& frame,
                     const std::function<void(ByteView)>& take);
/// The same of a frame in memory.
void decompress_rows(const backupset::RowsChunk& chunk, ByteView frame,
                     const std::function<void(ByteView)>& take);

/// Whether the chunk is the closing line of a data file, behind all rows.
[[nodiscard]] bool is_terminator(const backupset::RowsChunk& chunk);

/// Throws Error of `Exit::verification` where a large object's content has another fingerprint than
/// the catalog says.
void require_fingerprint(const backupset::LargeObject& object, const std::string& found);

/// Throws Error of `Exit::verification` unless the file of a bundle that lies where the catalog has
/// the chunk is the chunk's.
void require_file(const backupset::Chunk& chunk, const backupset::TarReader::Entry& file);
/// Hands the content of any chunk on as `decompress_chunk()` does, and compares it with all that
/// the catalog says of that chunk alone: what is known of a large object of several is their
/// whole's.
void check_chunk(const OwnedChunk& chunk, Source& frame, const std::function<void(ByteView)>& take);
/// Reads a large object, chunk by chunk, and compares its fingerprint.
void check_large_object(const backupset::LargeObject& object, backupset::ArchiveReader& reader,
                        const std::stop_token& stop);

}  // namespace pgseal::engine
