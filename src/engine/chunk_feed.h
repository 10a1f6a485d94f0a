#pragma once
// Chunks' frames in a given order, read ahead.

#include <vector>

#include "backupset/archive_reader.h"
#include "base/queue.h"
#include "base/task_group.h"

namespace pgseal::engine {

/// Reads on a thread of its own, at most two reads ahead of whoever takes: a slow taker slows the
/// reading and does not fill memory. Chunks that lie close together come with one read of at most
/// 4 MiB; a larger frame is a read of its own.
class ChunkFeed final {
 public:
  /// The chunks and the reader must outlive this.
  ChunkFeed(backupset::ArchiveReader& reader, std::vector<const backupset::Chunk*> chunks,
            std::atomic<std::uint64_t>& bytes_read, const std::stop_token& stop);

  /// The next chunk's frame, good until the next call; there have to be as many calls as chunks, at
  /// most. Errors as ArchiveReader's.
  [[nodiscard]] ByteView next();

 private:
  /// Chunks [first, end) that one read gives.
  struct Part {
    std::size_t first = 0, end = 0;
    std::uint64_t offset = 0, size = 0;  // bytes, in the object's payload
  };
  void read(const std::stop_token& stop);

  backupset::ArchiveReader& reader_;
  std::vector<const backupset::Chunk*> chunks_;
  std::vector<Part> parts_;
  std::atomic<std::uint64_t>& bytes_read_;
  BoundedQueue<Bytes> queue_{1};
  std::size_t part_ = 0;  // parts that were taken
  std::size_t next_ = 0;  // chunk
  Bytes bytes_;           // of part_ - 1
  TaskGroup group_;       // the last member: ends before the others go
};

}  // namespace pgseal::engine
