#include "engine/segment_writer.h"

#include "base/error.h"
#include "base/format.h"

namespace pgseal::engine {

namespace {
constexpr std::size_t kBuffer = 128 * kKiB;
}

SegmentWriter::SegmentWriter(const ChunkStream& stream, const backupset::Table& table,
                             backupset::Segment& segment)
    : stream_(stream), table_(table), segment_(segment), stored_(segment.chunks.size()) {
  buffer_.reserve(kBuffer);
}

bool SegmentWriter::is_last_segment() const { return !segment_.end_block; }

/// A table that is one segment may need more chunks than the name has digits for: it then goes on
/// in the next segment's names, which nobody else has.
std::string SegmentWriter::next_file_name() const {
  constexpr std::size_t kChunks = backupset::kMaxChunkNumber + 1;
  const std::size_t number = segment_.chunks.size();
  const std::uint64_t segment = segment_.number + number / kChunks;
  if ((number >= kChunks && !is_last_segment()) || segment > backupset::kMaxSegmentNumber) {
    throw Error(Exit::database, format("cannot store more than {} chunks of a segment", kChunks))
        .with_hint("make chunks larger or segments smaller: --chunk-size, --segment-size");
  }
  return backupset::chunk_name(table_.data_file, static_cast<std::uint32_t>(segment),
                               static_cast<std::uint32_t>(number % kChunks));
}

void SegmentWriter::write(postgres::CopyOut& rows) {
  stream_.chunk.discard();  // what a lost connection left
  while (const auto row = rows.next()) add(*row);
  if (size_ > 0) finish_chunk();
  if (done_ < stored_) {
    throw Error(Exit::database, "the same rows did not come again under the same snapshot");
  }
  if (!is_last_segment()) return;
  stream_.chunk.write(as_bytes(backupset::kCopyTerminator));
  segment_.chunks.push_back({.place = stream_.chunk.finish(next_file_name()), .rows = {}});
}

void SegmentWriter::add(ByteView row) {
  rows_.add(row.first(row.size() - 1));
  size_ += row.size();
  if (buffer_.size() + row.size() > kBuffer) flush();
  if (row.size() > kBuffer) {
    pass_on(row);
  } else {
    buffer_.insert(buffer_.end(), row.begin(), row.end());
  }
  if (size_ >= stream_.chunk_size) finish_chunk();
}

void SegmentWriter::flush() {
  if (!buffer_.empty()) pass_on(buffer_);
  buffer_.clear();
}

void SegmentWriter::pass_on(ByteView rows) {
  stream_.limiter.acquire(rows.size(), stream_.stop);
  if (done_ >= stored_) stream_.chunk.write(rows);
  stream_.progress.add(stream_.worker, rows.size());
}

void SegmentWriter::finish_chunk() {
  flush();
  if (done_ < stored_) {
    if (segment_.chunks[done_].rows != rows_) {
      throw Error(Exit::database, "other rows came again under the same snapshot");
    }
  } else {
    const std::string name = next_file_name();
    segment_.chunks.push_back({.place = stream_.chunk.finish(name), .rows = rows_});
  }
  ++done_;
  rows_ = {};
  size_ = 0;
}

}  // namespace pgseal::engine
