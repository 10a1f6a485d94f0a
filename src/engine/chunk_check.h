#pragma once
// A chunk's content against what the catalog says of it.

#include "backupset/catalog.h"

namespace pgseal::engine {

/// The content of a zstd frame. Throws Error of `Exit::verification`, naming the chunk's file,
/// where it is damaged or its size is not `chunk.content_size`.
[[nodiscard]] Bytes decompress_chunk(const backupset::Chunk& chunk, ByteView frame);

/// Throws Error of `Exit::verification`, naming the chunk's file, where `content` has other rows
/// than the catalog says. The closing line of a data file is no row.
void require_rows(const backupset::RowsChunk& chunk, ByteView content);

}  // namespace pgseal::engine
