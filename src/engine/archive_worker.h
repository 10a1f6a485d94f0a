#pragma once
// One of the workers of an archive backup: what it copies becomes bundles.

#include <optional>

#include "base/rate_limit.h"
#include "engine/bundle_writer.h"
#include "engine/copy_worker.h"
#include "engine/segment_writer.h"

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

class LargeObjectWriter;

/// Copies work units until there is none, as a CopyWorker. One thread at a time.
class ArchiveWorker final : private CopyTaker {
 public:
  /// `connection` has joined the source.
  ArchiveWorker(ArchiveJob& job, std::size_t number,
                std::unique_ptr<postgres::Connection> connection, std::stop_token stop);
  ~ArchiveWorker() override;

  void run();

 private:
  void begin_segment(const backupset::Table& table, backupset::Segment& segment) override;
  void take_rows(postgres::CopyOut& rows) override;
  void begin_large_object(backupset::LargeObject& object) override;
  void take_piece(ByteView piece) override;
  void end_large_object() override;
  [[nodiscard]] ChunkStream stream();

  ArchiveJob& job_;
  const std::size_t number_;
  std::stop_token stop_;
  BundleWriter bundle_;
  ChunkWriter chunk_;
  std::optional<SegmentWriter> segment_;
  std::unique_ptr<LargeObjectWriter> large_object_;
  CopyJob copy_;
  CopyWorker worker_;
};

}  // namespace pgseal::engine
