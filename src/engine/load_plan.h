#pragma once
// The data of a restore, cut into pieces of work.

#include <set>
#include <utility>
#include <vector>

#include "backupset/catalog.h"

namespace pgseal::engine {

/// Tells a piece of data apart from all others of a backup: the dump id of its TOC entry, and the
/// segment's number, or the large object's oid.
using PieceId = std::pair<int, std::uint32_t>;

/// A segment of a table, or a large object.
struct LoadPiece {
  PieceId id;
  const backupset::Table* table = nullptr;         ///< null for a large object
  const backupset::Segment* segment = nullptr;     ///< of the table
  const backupset::LargeObject* object = nullptr;  ///< null for a segment
  /// Those that have to be read, in their order: a data file's terminator has not.
  std::vector<const backupset::Chunk*> chunks{};
  std::uint64_t size = 0;  ///< bytes, decompressed
};

/// What is loaded in one transaction.
struct LoadUnit {
  std::vector<LoadPiece> pieces;
  std::uint64_t size = 0;  ///< bytes, decompressed
};

/// All pieces of the entries `dump_ids` that hold something and are not among `loaded`, biggest
/// unit first. Small
/// pieces that lie in the same object come together, in its order: they are one read, and one
/// transaction. The catalog must outlive the units.
[[nodiscard]] std::vector<LoadUnit> plan_load(const backupset::Catalog& catalog,
                                              const std::set<int>& dump_ids,
                                              const std::set<PieceId>& loaded);

}  // namespace pgseal::engine
