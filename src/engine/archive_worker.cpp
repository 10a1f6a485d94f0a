#include "engine/archive_worker.h"

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "engine/segment_writer.h"
#include "postgres/large_objects.h"

namespace pgseal::engine {

using backupset::LargeObject;
using backupset::Table;

namespace {

constexpr int kConnections = 4;  // for one work unit, the first among them

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

}  // namespace

ArchiveWorker::ArchiveWorker(ArchiveJob& job, std::size_t number,
                             std::unique_ptr<postgres::Connection> connection, std::stop_token stop)
    : job_(job),
      number_(number),
      stop_(std::move(stop)),
      bundle_(job.series, job.uploader),
      chunk_(job.zstd_level, bundle_, job.progress.totals.compressed),
      connection_(std::move(connection)) {}

void ArchiveWorker::run() {
  while (const WorkUnit* unit = job_.work.next()) {
    copy(*unit);
    job_.progress.done += unit->size;
  }
  job_.progress.begin(number_, "");
  connection_.reset();
  bundle_.flush();
}

postgres::Connection& ArchiveWorker::connection() {
  if (!connection_) connection_ = job_.source.join(stop_);
  return *connection_;
}

void ArchiveWorker::copy(const WorkUnit& unit) {
  for (int tries = 1;; ++tries) {
    try {
      if (unit.kind == WorkUnit::Kind::rows) {
        copy_segment(unit);
      } else {
        job_.progress.begin(number_, "large objects");
        copy_large_objects(connection(), unit);
      }
      return;
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      if (!error.retryable() || tries == kConnections) throw;
      log::warning("{}; connecting again under the same snapshot", error.message());
      ++job_.reconnects;
      connection_.reset();
    }
  }
}

bool ArchiveWorker::lock_and_copy(const TableSource& table, const std::string& copy,
                                  SegmentWriter& writer) {
  try {
    const std::string lock = postgres::lock_statement(std::span(&table.relation.name, 1));
    postgres::CopyOut rows(connection(), table.relation.kind == 'r' ? lock + "; " + copy : copy);
    writer.write(rows);
    return true;
  } catch (const Error& error) {
    if (error.sqlstate() != "55P03") throw;
    job_.source.join_again(connection());
    return false;
  }
}

void ArchiveWorker::copy_segment(const WorkUnit& unit) {
  Table& table = job_.plan.catalog.tables[unit.index];
  const TableSource& source = job_.plan.sources[unit.index];
  backupset::Segment& segment = table.segments[unit.first];
  job_.progress.begin(
      number_, format("{} {}/{}", source.relation.name, segment.number + 1, table.segments.size()));
  SegmentWriter writer({.chunk = chunk_,
                        .limiter = job_.limiter,
                        .progress = job_.progress,
                        .worker = number_,
                        .chunk_size = job_.chunk_size,
                        .stop = stop_},
                       table, segment);
  const std::string copy = copy_statement(source, segment);
  try {
    if (!lock_and_copy(source, copy, writer)) {
      // The coordinator has held the lock all the time.
      ++job_.locks_refused;
      const std::lock_guard one_at_a_time(job_.source.coordinator_mutex());
      postgres::CopyOut rows(job_.source.coordinator(), copy);
      writer.write(rows);
    }
  } catch (Error& error) {
    error.add_context(format("cannot copy table {}", source.relation.name));
    throw;
  }
}

void ArchiveWorker::copy_large_objects(postgres::Connection& connection, const WorkUnit& unit) {
  auto& objects = job_.plan.catalog.large_objects[unit.index].objects;
  std::vector<std::uint32_t> oids;
  for (std::size_t i = 0; i < unit.count; ++i) oids.push_back(objects[unit.first + i].oid);
  const ChunkStream stream{.chunk = chunk_,
                           .limiter = job_.limiter,
                           .progress = job_.progress,
                           .worker = number_,
                           .chunk_size = job_.chunk_size,
                           .stop = stop_};
  std::size_t at = unit.first;
  std::unique_ptr<LargeObjectWriter> writer;
  postgres::read_large_objects(connection, oids, [&](std::uint32_t, ByteView piece, bool is_last) {
    if (!writer) writer = std::make_unique<LargeObjectWriter>(stream, objects[at]);
    writer->write(piece);
    if (!is_last) return;
    writer->finish();
    writer.reset();
    ++at;
  });
}

}  // namespace pgseal::engine
