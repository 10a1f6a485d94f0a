#pragma once
// A connection that copies what a plan says: rows and large objects of one snapshot.

#include <atomic>
#include <memory>

#include "engine/archive_progress.h"
#include "engine/dump_source.h"
#include "postgres/copy_out.h"

namespace pgseal::engine {

/// What the workers of one plan share. Safe for use from any thread, but for the catalog, of which
/// each worker's taker writes its own segments and objects only. Nothing is owned.
struct CopyJob {
  DumpSource& source;
  ArchivePlan& plan;
  WorkList& work;
  ArchiveProgress& progress;
  std::atomic<std::uint64_t>& locks_refused;  ///< segments copied on the coordinator's connection
  std::atomic<std::uint64_t>& reconnects;     ///< connections lost and made again
};

/// Takes what a worker copies, on the worker's thread. After a lost connection, or a lock that was
/// refused, the same segment or the same large objects come again from their beginning.
class CopyTaker {
 public:
  virtual ~CopyTaker() = default;
  virtual void begin_segment(const backupset::Table& table, backupset::Segment& segment) = 0;
  /// All rows of the segment.
  virtual void take_rows(postgres::CopyOut& rows) = 0;
  virtual void begin_large_object(backupset::LargeObject& object) = 0;
  virtual void take_piece(ByteView piece) = 0;
  virtual void end_large_object() = 0;
};

/// Copies work units until there is none. A connection that was lost is made again under the same
/// snapshot, a few times. One thread at a time.
class CopyWorker final {
 public:
  /// `connection` has joined the source.
  CopyWorker(const CopyJob& job, std::size_t number,
             std::unique_ptr<postgres::Connection> connection, CopyTaker& taker,
             std::stop_token stop);

  void run();

 private:
  void copy(const WorkUnit& unit);
  void copy_segment(const WorkUnit& unit);
  void copy_large_objects(const WorkUnit& unit);
  /// False where the table's lock cannot be had at once.
  [[nodiscard]] bool lock_and_copy(const TableSource& table, const std::string& copy);
  [[nodiscard]] postgres::Connection& connection();

  const CopyJob& job_;
  const std::size_t number_;
  CopyTaker& taker_;
  std::stop_token stop_;
  std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace pgseal::engine
