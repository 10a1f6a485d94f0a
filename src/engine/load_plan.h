#pragma once
// The data of a restore, cut into pieces of work.

#include <set>
#include <utility>
#include <vector>

#include "backupset/catalog.h"

namespace pgseal::engine {

/// Tells a piece of data apart from all others of a backup: the dump id of its TOC entry, and the
/// number of the segment (that it begins with), or the large object's oid.
using PieceId = std::pair<int, std::uint32_t>;

/// Rows of a table, or a large object.
struct LoadPiece {
  PieceId id;
  const backupset::Table* table = nullptr;         ///< null for a large object
  const backupset::Segment* segment = nullptr;     ///< the one that it begins in
  const backupset::LargeObject* object = nullptr;  ///< null for rows
  bool is_whole = true;                            ///< all that the table has
  /// Of rows, in their order; a data file's terminator is left out.
  std::vector<const backupset::RowsChunk*> rows{};
  std::uint64_t size = 0;  ///< bytes, decompressed

  [[nodiscard]] std::vector<const backupset::Chunk*> chunks() const;
  [[nodiscard]] const backupset::Chunk& first_chunk() const;
};

/// What is loaded in one transaction.
struct LoadUnit {
  std::vector<LoadPiece> pieces;
  std::uint64_t size = 0;  ///< bytes, decompressed
};

/// All pieces of the entries `dump_ids` that hold something and are not among `loaded`, biggest
/// unit first: a segment each, but for the tables `undivided`. Small pieces that lie in the same
/// object come together, in its order: they are one read, and one transaction. The catalog must
/// outlive the units.
[[nodiscard]] std::vector<LoadUnit> plan_load(const backupset::Catalog& catalog,
                                              const std::set<int>& dump_ids,
                                              const std::set<int>& undivided,
                                              const std::set<PieceId>& loaded);

}  // namespace pgseal::engine
