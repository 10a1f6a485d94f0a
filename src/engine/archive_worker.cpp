#include "engine/archive_worker.h"

#include "base/format.h"

namespace pgseal::engine {

using backupset::LargeObject;

/// One large object as chunks.
class LargeObjectWriter final {
 public:
  LargeObjectWriter(const ChunkStream& stream, LargeObject& object)
      : stream_(stream), object_(object) {
    stream_.chunk.discard();
    object_.chunks.clear();  // a lost connection's lie in a bundle already; equal ones come again
    object_.size = 0;
  }

  void write(ByteView piece) {
    stream_.limiter.acquire(piece.size(), stream_.stop);
    stream_.chunk.write(piece);
    content_.add(piece);
    object_.size += piece.size();
    stream_.progress.add(stream_.worker, piece.size());
    if (stream_.chunk.content_size() >= stream_.chunk_size) finish_chunk();
  }

  void finish() {
    if (stream_.chunk.content_size() > 0 || object_.chunks.empty()) finish_chunk();
    object_.fingerprint = content_.finish();
  }

 private:
  void finish_chunk() {
    constexpr std::size_t kChunks = backupset::kMaxChunkNumber + 1;
    const std::size_t number = object_.chunks.size();
    object_.chunks.push_back(stream_.chunk.finish(backupset::chunk_name(
        format("blob_{}.dat", object_.oid), static_cast<std::uint32_t>(number / kChunks),
        static_cast<std::uint32_t>(number % kChunks))));
  }

  ChunkStream stream_;
  LargeObject& object_;
  backupset::ContentFingerprint content_;
};

ArchiveWorker::ArchiveWorker(ArchiveJob& job, std::size_t number,
                             std::unique_ptr<postgres::Connection> connection, std::stop_token stop)
    : job_(job),
      number_(number),
      stop_(std::move(stop)),
      bundle_(job.series, job.uploader),
      chunk_(job.zstd_level, bundle_, job.progress.totals.compressed),
      copy_{.source = job.source,
            .plan = job.plan,
            .work = job.work,
            .progress = job.progress,
            .locks_refused = job.locks_refused,
            .reconnects = job.reconnects},
      worker_(copy_, number, std::move(connection), *this, stop_) {}

ArchiveWorker::~ArchiveWorker() = default;

void ArchiveWorker::run() {
  worker_.run();
  bundle_.flush();
}

ChunkStream ArchiveWorker::stream() {
  return {.chunk = chunk_,
          .limiter = job_.limiter,
          .progress = job_.progress,
          .worker = number_,
          .chunk_size = job_.chunk_size,
          .stop = stop_};
}

void ArchiveWorker::begin_segment(const backupset::Table& table, backupset::Segment& segment) {
  segment_.emplace(stream(), table, segment);
}

void ArchiveWorker::take_rows(postgres::CopyOut& rows) { segment_->write(rows); }

void ArchiveWorker::begin_large_object(LargeObject& object) {
  large_object_ = std::make_unique<LargeObjectWriter>(stream(), object);
}

void ArchiveWorker::take_piece(ByteView piece) { large_object_->write(piece); }

void ArchiveWorker::end_large_object() { large_object_->finish(); }

}  // namespace pgseal::engine
