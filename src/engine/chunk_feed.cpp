#include "engine/chunk_feed.h"

namespace pgseal::engine {

namespace {
constexpr std::uint64_t kPartSize = 4 * kMiB;
}

ChunkFeed::ChunkFeed(backupset::ArchiveReader& reader, std::vector<const backupset::Chunk*> chunks,
                     std::atomic<std::uint64_t>& bytes_read, const std::stop_token& stop)
    : reader_(reader), chunks_(std::move(chunks)), bytes_read_(bytes_read), group_(stop) {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const backupset::Chunk& chunk = *chunks_[i];
    const std::uint64_t end = chunk.offset + chunk.size;
    if (!parts_.empty()) {
      Part& part = parts_.back();
      if (chunks_[part.first]->object == chunk.object && chunk.offset >= part.offset + part.size &&
          end - part.offset <= kPartSize) {
        part.end = i + 1;
        part.size = end - part.offset;
        continue;
      }
    }
    parts_.push_back({i, i + 1, chunk.offset, chunk.size});
  }
  if (!parts_.empty()) group_.run([this](const std::stop_token& token) { read(token); });
}

void ChunkFeed::read(const std::stop_token& stop) {
  for (const Part& part : parts_) {
    Bytes bytes = reader_.read_part(chunks_[part.first]->object, part.offset, part.size, stop);
    bytes_read_ += part.size;
    queue_.push(std::move(bytes), stop);
  }
}

ByteView ChunkFeed::next() {
  if (part_ == 0 || next_ == parts_[part_ - 1].end) {
    bytes_ = {};
    try {
      bytes_ = queue_.pop(group_.token()).value();
    } catch (const Cancelled&) {
      group_.wait();  // throws what the reading failed with
      throw;
    }
    ++part_;
  }
  const backupset::Chunk& chunk = *chunks_[next_++];
  return ByteView(bytes_).subspan(chunk.offset - parts_[part_ - 1].offset, chunk.size);
}

}  // namespace pgseal::engine
