#pragma once
// The chunks of a catalog by where they lie, and whose they are.

#include <map>
#include <string>

#include "backupset/catalog.h"

namespace pgseal::engine {

/// A chunk, and what it is a part of: rows of a table, or bytes of a large object.
struct OwnedChunk {
  const backupset::Chunk* place = nullptr;
  const backupset::Table* table = nullptr;  ///< null for a large object's
  const backupset::RowsChunk* rows = nullptr;
  const backupset::LargeObject* object = nullptr;  ///< null for a table's
  /// "table public.orders", "large object 16409".
  [[nodiscard]] std::string owner() const;
};

/// By the offset of the frame in its object.
using BundleChunks = std::map<std::uint64_t, OwnedChunk>;
/// By the object's key.
using CatalogChunks = std::map<std::string, BundleChunks>;

/// All chunks of a catalog, which must outlive the result. Throws Error of `Exit::verification`
/// where two have one place.
[[nodiscard]] CatalogChunks chunks_by_place(const backupset::Catalog& catalog);

}  // namespace pgseal::engine
