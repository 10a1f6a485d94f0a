#include "engine/chunk_check.h"

#include <algorithm>
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

void decompress_chunk(const backupset::Chunk& chunk, Source& frame,
                      const std::function<void(ByteView)>& take) {
  compress::ZstdDecoder decoder;
  TransformSource decoded(frame, decoder);
  Bytes buffer(256 * kKiB);
  std::uint64_t size = 0;
  const auto read = [&] {
    try {
      return decoded.read(buffer);
    } catch (const Error& error) {
      throw wrong(chunk, format("cannot be decompressed: {}", error.message()));
    }
  };
  while (const std::size_t n = read()) {
    size += n;
    if (size > chunk.content_size) break;
    take(ByteView(buffer).first(n));
  }
  if (size != chunk.content_size) {
    throw wrong(chunk,
                format("has {} {} bytes, not {}", size > chunk.content_size ? "at least" : "only",
                       size, chunk.content_size));
  }
}

void decompress_chunk(const backupset::Chunk& chunk, ByteView frame,
                      const std::function<void(ByteView)>& take) {
  ByteSource source(frame);
  decompress_chunk(chunk, source, take);
}

Bytes decompress_chunk(const backupset::Chunk& chunk, ByteView frame) {
  Bytes content;
  content.reserve(std::min<std::uint64_t>(chunk.content_size, 64 * kMiB));
  decompress_chunk(chunk, frame, [&](ByteView piece) {
    content.insert(content.end(), piece.begin(), piece.end());
  });
  return content;
}

void RowsCheck::add(ByteView text) {
  while (!text.empty()) {
    const void* end = std::memchr(text.data(), '\n', text.size());
    if (end == nullptr) {
      begun_.insert(begun_.end(), text.begin(), text.end());
      return;
    }
    const auto size = static_cast<std::size_t>(static_cast<const std::byte*>(end) - text.data());
    if (begun_.empty()) {
      found_.add(text.first(size));
    } else {
      begun_.insert(begun_.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
      found_.add(begun_);
      begun_.clear();
    }
    text = text.subspan(size + 1);
  }
}

void RowsCheck::finish() {
  if (!begun_.empty()) throw wrong(chunk_.place, "ends within a row");
  if (found_.rows() != chunk_.rows.rows()) {
    throw wrong(chunk_.place, format("has {} rows, not {}", found_.rows(), chunk_.rows.rows()));
  }
  if (found_ != chunk_.rows) throw wrong(chunk_.place, "has other rows than the catalog says");
}

void decompress_rows(const backupset::RowsChunk& chunk, Source& frame,
                     const std::function<void(ByteView)>& take) {
  RowsCheck check(chunk);
  decompress_chunk(chunk.place, frame, [&](ByteView text) {
    check.add(text);
    take(text);
  });
  check.finish();
}

void decompress_rows(const backupset::RowsChunk& chunk, ByteView frame,
                     const std::function<void(ByteView)>& take) {
  ByteSource source(frame);
  decompress_rows(chunk, source, take);
}

bool is_terminator(const backupset::RowsChunk& chunk) {
  return chunk.rows.rows() == 0 && chunk.place.content_size == backupset::kCopyTerminator.size();
}

void require_fingerprint(const backupset::LargeObject& object, const std::string& found) {
  if (found == object.fingerprint) return;
  throw Error(Exit::verification,
              format("large object {} has another content than the catalog says", object.oid));
}

void require_file(const backupset::Chunk& chunk, const backupset::TarReader::Entry& file) {
  if (file.name == chunk.file && file.size == chunk.size) return;
  throw Error(Exit::verification,
              format("\"{}\" has \"{}\", {} bytes, where the catalog says \"{}\", {} bytes",
                     chunk.object, file.name, file.size, chunk.file, chunk.size));
}

void check_chunk(const OwnedChunk& chunk, Source& frame,
                 const std::function<void(ByteView)>& take) {
  if (chunk.rows != nullptr && is_terminator(*chunk.rows)) {
    Bytes content;
    decompress_chunk(*chunk.place, frame, [&](ByteView piece) {
      content.insert(content.end(), piece.begin(), piece.end());
    });
    if (as_text(content) != backupset::kCopyTerminator) {
      throw wrong(*chunk.place, "is not the line that ends a data file");
    }
    take(content);
  } else if (chunk.rows != nullptr) {
    decompress_rows(*chunk.rows, frame, take);
  } else {
    backupset::ContentFingerprint fingerprint;
    decompress_chunk(*chunk.place, frame, [&](ByteView piece) {
      fingerprint.add(piece);
      take(piece);
    });
    if (chunk.object->chunks.size() == 1) {
      require_fingerprint(*chunk.object, fingerprint.finish());
    }
  }
}

void check_large_object(const backupset::LargeObject& object, backupset::ArchiveReader& reader,
                        const std::stop_token& stop) {
  backupset::ContentFingerprint fingerprint;
  for (const backupset::Chunk& chunk : object.chunks) {
    decompress_chunk(chunk, reader.read_chunk(chunk, stop),
                     [&](ByteView piece) { fingerprint.add(piece); });
  }
  require_fingerprint(object, fingerprint.finish());
}

}  // namespace pgseal::engine
