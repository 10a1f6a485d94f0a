#pragma once
// What an archive backup copies, cut into pieces of work.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backupset/catalog.h"
#include "postgres/archive_toc.h"
#include "postgres/relations.h"

namespace pgseal::engine {

/// What the catalog does not keep of a table.
struct TableSource {
  postgres::Relation relation;
  std::string columns;  ///< of the COPY statement, "" for none
};

/// A piece of work: a segment of a table, or some large objects of one data entry.
struct WorkUnit {
  enum class Kind { rows, large_objects };
  Kind kind = Kind::rows;
  std::size_t index = 0;   ///< in the catalog's `tables` or `large_objects`
  std::size_t first = 0;   ///< the segment, or the first object
  std::size_t count = 1;   ///< of objects
  std::uint64_t size = 0;  ///< bytes in the database, estimated
};

/// The catalog as far as it is known before anything is copied, and the work, biggest first.
struct ArchivePlan {
  backupset::Catalog catalog;
  std::vector<TableSource> sources;  ///< by the index of catalog.tables
  std::vector<WorkUnit> units;
  [[nodiscard]] std::uint64_t size() const;  ///< bytes in the database, estimated
};

/// What of the server the plan depends on.
struct PlanFacts {
  std::map<std::uint32_t, postgres::Relation> relations;
  int server_version = 0;
  std::uint64_t block_size = 8192;
  std::uint64_t large_objects_size = 0;  ///< bytes, of all in the database
};

/// Cuts heap tables into segments of `segment_size` bytes of their main fork, on servers from 14
/// on, which read a range of blocks without reading the rest. A table much of which is out of line
/// gets shorter segments, by powers of two, so that its borders stay where they are. Throws Error
/// of `Exit::database` where a table is not among the facts.
[[nodiscard]] ArchivePlan make_plan(const postgres::ArchiveToc& toc, const PlanFacts& facts,
                                    std::uint64_t segment_size);

/// The statement that copies a segment.
[[nodiscard]] std::string copy_statement(const TableSource& source,
                                         const backupset::Segment& segment);

/// The table's oid of a TABLE DATA entry.
[[nodiscard]] std::uint32_t table_oid(const postgres::TocEntry& entry);
/// Whether the entry is a table's data, which COPY gives.
[[nodiscard]] bool is_table_data(const postgres::TocEntry& entry);
/// Whether the entry is large objects' data.
[[nodiscard]] bool is_large_object_data(const postgres::TocEntry& entry);

/// Gives out work units, in their order. Safe for use from any thread.
class WorkList final {
 public:
  explicit WorkList(const std::vector<WorkUnit>& units) : units_(units) {}
  /// Null where nothing is left.
  [[nodiscard]] const WorkUnit* next() {
    const std::lock_guard lock(mutex_);
    return next_ < units_.size() ? &units_[next_++] : nullptr;
  }

 private:
  const std::vector<WorkUnit>& units_;
  std::mutex mutex_;
  std::size_t next_ = 0;  // guarded by mutex_
};

}  // namespace pgseal::engine
