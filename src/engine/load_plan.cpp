#include "engine/load_plan.h"

#include <algorithm>
#include <tuple>

#include "engine/chunk_check.h"

namespace pgseal::engine {

using backupset::Chunk;

namespace {

constexpr std::uint64_t kSmall = kMiB;          // of a piece, decompressed
constexpr std::uint64_t kUnitSize = 16 * kMiB;  // of several pieces, decompressed
constexpr std::size_t kUnitPieces = 200;        // so that workers share a thousand small tables

void add_pieces(std::vector<LoadPiece>& pieces, const backupset::Table& table, bool is_divided) {
  const std::size_t before = pieces.size();
  for (const backupset::Segment& segment : table.segments) {
    bool begins = is_divided || pieces.size() == before;
    for (const backupset::RowsChunk& chunk : segment.chunks) {
      if (is_terminator(chunk)) continue;
      if (begins) {
        pieces.push_back(
            {.id = {table.dump_id, segment.number}, .table = &table, .segment = &segment});
        begins = false;
      }
      pieces.back().rows.push_back(&chunk);
      pieces.back().size += chunk.place.content_size;
    }
  }
  if (pieces.size() - before < 2) return;
  for (std::size_t i = before; i < pieces.size(); ++i) pieces[i].is_whole = false;
}

std::vector<LoadPiece> all_pieces(const backupset::Catalog& catalog, const std::set<int>& dump_ids,
                                  const std::set<int>& undivided) {
  std::vector<LoadPiece> pieces;
  for (const backupset::Table& table : catalog.tables) {
    if (dump_ids.contains(table.dump_id)) {
      add_pieces(pieces, table, !undivided.contains(table.dump_id));
    }
  }
  for (const backupset::LargeObjects& group : catalog.large_objects) {
    if (!dump_ids.contains(group.dump_id)) continue;
    for (const backupset::LargeObject& object : group.objects) {
      pieces.push_back({.id = {group.dump_id, object.oid}, .object = &object, .size = object.size});
    }
  }
  return pieces;
}

bool lies_before(const LoadPiece& a, const LoadPiece& b) {
  return std::tie(a.first_chunk().object, a.first_chunk().offset) <
         std::tie(b.first_chunk().object, b.first_chunk().offset);
}

}  // namespace

std::vector<const Chunk*> LoadPiece::chunks() const {
  std::vector<const Chunk*> chunks;
  for (const backupset::RowsChunk* chunk : rows) chunks.push_back(&chunk->place);
  if (object != nullptr) {
    for (const Chunk& chunk : object->chunks) chunks.push_back(&chunk);
  }
  return chunks;
}

const Chunk& LoadPiece::first_chunk() const {
  return object != nullptr ? object->chunks.front() : rows.front()->place;
}

std::vector<LoadUnit> plan_load(const backupset::Catalog& catalog, const std::set<int>& dump_ids,
                                const std::set<int>& undivided, const std::set<PieceId>& loaded) {
  std::vector<LoadPiece> small;
  std::vector<LoadUnit> units;
  for (LoadPiece& piece : all_pieces(catalog, dump_ids, undivided)) {
    if (loaded.contains(piece.id)) continue;
    if (piece.size < kSmall) {
      small.push_back(std::move(piece));
    } else {
      const std::uint64_t size = piece.size;
      units.push_back({{std::move(piece)}, size});
    }
  }
  std::stable_sort(small.begin(), small.end(), lies_before);
  LoadUnit unit;
  const auto flush = [&] {
    if (!unit.pieces.empty()) units.push_back(std::exchange(unit, {}));
  };
  for (LoadPiece& piece : small) {
    const bool full = unit.size + piece.size > kUnitSize || unit.pieces.size() == kUnitPieces;
    const auto is_elsewhere = [&] {
      return unit.pieces.back().first_chunk().object != piece.first_chunk().object;
    };
    if (!unit.pieces.empty() && (full || is_elsewhere())) flush();
    unit.size += piece.size;
    unit.pieces.push_back(std::move(piece));
  }
  flush();
  std::stable_sort(units.begin(), units.end(),
                   [](const LoadUnit& a, const LoadUnit& b) { return a.size > b.size; });
  return units;
}

}  // namespace pgseal::engine
