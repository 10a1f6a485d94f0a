#pragma once
// One of the workers of an archive backup: a connection, and what it copies.

#include <atomic>
#include <memory>

#include "base/rate_limit.h"
#include "engine/archive_progress.h"
#include "engine/bundle_writer.h"
#include "engine/dump_source.h"

namespace pgseal::engine {

/// What the workers of one backup share. Safe for use from any thread, but for the catalog, of
/// which each worker writes its own segments and objects only.
struct ArchiveJob {
  DumpSource& source;
  ArchivePlan& plan;
  WorkList& work;
  BundleSeries& series;
  ObjectUploader& uploader;
  RateLimiter& limiter;
  ArchiveProgress& progress;
  std::size_t chunk_size = 0;  ///< bytes of COPY text
  int zstd_level = 0;
  std::atomic<std::uint64_t> locks_refused{0};
  std::atomic<std::uint64_t> reconnects{0};
};

class SegmentWriter;

/// Copies work units until there is none. A connection that was lost is made again under the same
/// snapshot, a few times. One thread at a time.
class ArchiveWorker final {
 public:
  /// `connection` has joined the source.
  ArchiveWorker(ArchiveJob& job, std::size_t number,
                std::unique_ptr<postgres::Connection> connection, std::stop_token stop);

  void run();

 private:
  void copy(const WorkUnit& unit);
  void copy_segment(const WorkUnit& unit);
  void copy_large_objects(postgres::Connection& connection, const WorkUnit& unit);
  /// False where the table's lock cannot be had at once.
  [[nodiscard]] bool lock_and_copy(const TableSource& table, const std::string& copy,
                                   SegmentWriter& writer);
  [[nodiscard]] postgres::Connection& connection();

  ArchiveJob& job_;
  const std::size_t number_;
  std::stop_token stop_;
  BundleWriter bundle_;
  ChunkWriter chunk_;
  std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace pgseal::engine
