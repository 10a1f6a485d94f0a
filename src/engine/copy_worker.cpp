#include "engine/copy_worker.h"

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "postgres/large_objects.h"

namespace pgseal::engine {

namespace {
constexpr int kConnections = 4;  // for one work unit, the first among them
}  // namespace

CopyWorker::CopyWorker(const CopyJob& job, std::size_t number,
                       std::unique_ptr<postgres::Connection> connection, CopyTaker& taker,
                       std::stop_token stop)
    : job_(job),
      number_(number),
      taker_(taker),
      stop_(std::move(stop)),
      connection_(std::move(connection)) {}

void CopyWorker::run() {
  while (const WorkUnit* unit = job_.work.next()) {
    copy(*unit);
    job_.progress.done += unit->size;
  }
  job_.progress.begin(number_, "");
  connection_.reset();
}

postgres::Connection& CopyWorker::connection() {
  if (!connection_) connection_ = job_.source.join(stop_);
  return *connection_;
}

void CopyWorker::copy(const WorkUnit& unit) {
  for (int tries = 1;; ++tries) {
    try {
      if (unit.kind == WorkUnit::Kind::rows) {
        copy_segment(unit);
      } else {
        copy_large_objects(unit);
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

bool CopyWorker::lock_and_copy(const TableSource& table, const std::string& copy) {
  try {
    const std::string lock = postgres::lock_statement(std::span(&table.relation.name, 1));
    postgres::CopyOut rows(connection(), table.relation.kind == 'r' ? lock + "; " + copy : copy);
    taker_.take_rows(rows);
    return true;
  } catch (const Error& error) {
    if (error.sqlstate() != "55P03") throw;
    job_.source.join_again(connection());
    return false;
  }
}

void CopyWorker::copy_segment(const WorkUnit& unit) {
  backupset::Table& table = job_.plan.catalog.tables[unit.index];
  const TableSource& source = job_.plan.sources[unit.index];
  backupset::Segment& segment = table.segments[unit.first];
  job_.progress.begin(
      number_, format("{} {}/{}", source.relation.name, segment.number + 1, table.segments.size()));
  taker_.begin_segment(table, segment);
  const std::string copy = copy_statement(source, segment);
  try {
    if (!lock_and_copy(source, copy)) {
      // The coordinator has held the lock all the time.
      ++job_.locks_refused;
      const std::lock_guard one_at_a_time(job_.source.coordinator_mutex());
      postgres::CopyOut rows(job_.source.coordinator(), copy);
      taker_.take_rows(rows);
    }
  } catch (Error& error) {
    error.add_context(format("cannot copy table {}", source.relation.name));
    throw;
  }
}

void CopyWorker::copy_large_objects(const WorkUnit& unit) {
  job_.progress.begin(number_, "large objects");
  auto& objects = job_.plan.catalog.large_objects[unit.index].objects;
  std::vector<std::uint32_t> oids;
  for (std::size_t i = 0; i < unit.count; ++i) oids.push_back(objects[unit.first + i].oid);
  std::size_t at = unit.first;
  bool begins = true;
  postgres::read_large_objects(connection(), oids,
                               [&](std::uint32_t, ByteView piece, bool is_last) {
                                 if (begins) taker_.begin_large_object(objects[at]);
                                 taker_.take_piece(piece);
                                 begins = is_last;
                                 if (!is_last) return;
                                 taker_.end_large_object();
                                 ++at;
                               });
}

}  // namespace pgseal::engine
