#include "engine/chunk_check.h"

#include <cstring>

#include "base/error.h"
#include "base/format.h"
#include "compress/zstd.h"

namespace pgseal::engine {

namespace {

Error wrong(const backupset::Chunk& chunk, const std::string& why) {
  return {Exit::verification, format("chunk \"{}\" in \"{}\" {}", chunk.file, chunk.object, why)};
}

}  // namespace

Bytes decompress_chunk(const backupset::Chunk& chunk, ByteView frame) {
  Bytes content;
  try {
    ByteSource source(frame);
    compress::ZstdDecoder decoder;
    TransformSource decoded(source, decoder);
    content = read_all(decoded, chunk.content_size, chunk.file.c_str());
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    throw wrong(chunk, format("cannot be decompressed: {}", error.message()));
  }
  if (content.size() != chunk.content_size) {
    throw wrong(chunk, format("has {} bytes, not {}", content.size(), chunk.content_size));
  }
  return content;
}

void require_rows(const backupset::RowsChunk& chunk, ByteView content) {
  if (as_text(content) == backupset::kCopyTerminator && chunk.rows.rows() == 0) return;
  backupset::RowsFingerprint found;
  while (!content.empty()) {
    const void* end = std::memchr(content.data(), '\n', content.size());
    if (end == nullptr) throw wrong(chunk.place, "ends within a row");
    const auto size = static_cast<std::size_t>(static_cast<const std::byte*>(end) - content.data());
    found.add(content.first(size));
    content = content.subspan(size + 1);
  }
  if (found.rows() != chunk.rows.rows()) {
    throw wrong(chunk.place, format("has {} rows, not {}", found.rows(), chunk.rows.rows()));
  }
  if (found != chunk.rows) throw wrong(chunk.place, "has other rows than the catalog says");
}

}  // namespace pgseal::engine
