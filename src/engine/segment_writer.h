#pragma once
// A segment's rows as chunks.

#include "base/rate_limit.h"
#include "engine/archive_progress.h"
#include "engine/bundle_writer.h"
#include "postgres/copy_out.h"

namespace pgseal::engine {

/// What a SegmentWriter works with. Nothing is owned.
struct ChunkStream {
  ChunkWriter& chunk;
  RateLimiter& limiter;
  ArchiveProgress& progress;
  std::size_t worker = 0;      ///< for the progress
  std::size_t chunk_size = 0;  ///< bytes
  std::stop_token stop{};
};

/// Cuts a segment's rows into chunks of at least `chunk_size` bytes, the last apart, at borders of
/// rows, and fills in the catalog's chunks. One thread at a time.
class SegmentWriter final {
 public:
  SegmentWriter(const ChunkStream& stream, const backupset::Table& table,
                backupset::Segment& segment);

  /// Copies all rows. Where the segment holds chunks already, from a connection that was lost, the
  /// same rows must come again: they are compared with those chunks, and only what follows is
  /// stored. Throws Error of `Exit::database` where they differ.
  void write(postgres::CopyOut& rows);

 private:
  void add(ByteView row);
  void flush();
  void pass_on(ByteView rows);
  void finish_chunk();
  [[nodiscard]] bool is_last_segment() const;
  [[nodiscard]] std::string next_file_name() const;

  ChunkStream stream_;
  const backupset::Table& table_;
  backupset::Segment& segment_;
  std::size_t stored_ = 0;  // chunks that were there already
  std::size_t done_ = 0;    // chunks of this copy
  backupset::RowsFingerprint rows_;
  std::uint64_t size_ = 0;  // of the current chunk, with what is in buffer_
  Bytes buffer_;            // rows on their way to the compressor
};

}  // namespace pgseal::engine
