#include "backupset/catalog.h"

#include "backupset/archive_layout.h"

namespace pgseal::backupset {

namespace {

template <typename Add>
void for_each_chunk(const Table& table, Add add) {
  for (const Segment& segment : table.segments) {
    for (const RowsChunk& chunk : segment.chunks) add(chunk);
  }
}

}  // namespace

RowsFingerprint Table::rows() const {
  RowsFingerprint all;
  for_each_chunk(*this, [&](const RowsChunk& chunk) { all.add(chunk.rows); });
  return all;
}

std::uint64_t Table::content_size() const {
  std::uint64_t size = 0;
  for_each_chunk(*this, [&](const RowsChunk& chunk) {
    if (chunk.rows.rows() > 0) size += chunk.place.content_size;
  });
  return size;
}

std::uint64_t Table::stored_size() const {
  std::uint64_t size = 0;
  for_each_chunk(*this, [&](const RowsChunk& chunk) { size += chunk.place.size; });
  return size;
}

}  // namespace pgseal::backupset
