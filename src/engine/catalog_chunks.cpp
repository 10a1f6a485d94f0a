#include "engine/catalog_chunks.h"

#include "base/error.h"
#include "base/format.h"

namespace pgseal::engine {

namespace {

void add(const OwnedChunk& chunk, CatalogChunks& chunks) {
  const backupset::Chunk& place = *chunk.place;
  if (chunks[place.object].emplace(place.offset, chunk).second) return;
  throw Error(Exit::verification,
              format("the catalog names \"{}\" in \"{}\" twice", place.file, place.object));
}

}  // namespace

std::string OwnedChunk::owner() const {
  return object != nullptr ? format("large object {}", object->oid)
                           : format("table {}.{}", table->schema, table->name);
}

CatalogChunks chunks_by_place(const backupset::Catalog& catalog) {
  CatalogChunks chunks;
  for (const backupset::Table& table : catalog.tables) {
    for (const backupset::Segment& segment : table.segments) {
      for (const backupset::RowsChunk& rows : segment.chunks) {
        add({.place = &rows.place, .table = &table, .rows = &rows}, chunks);
      }
    }
  }
  for (const backupset::LargeObjects& group : catalog.large_objects) {
    for (const backupset::LargeObject& object : group.objects) {
      for (const backupset::Chunk& place : object.chunks) {
        add({.place = &place, .object = &object}, chunks);
      }
    }
  }
  return chunks;
}

}  // namespace pgseal::engine
