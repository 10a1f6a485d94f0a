#include "engine/load_plan.h"

#include <algorithm>
#include <tuple>

#include "engine/chunk_check.h"

namespace pgseal::engine {

using backupset::Chunk;

namespace {

constexpr std::uint64_t kSmall = kMiB;          // of a piece, decompressed
constexpr std::uint64_t kUnitSize = 16 * kMiB;  // of several pieces, decompressed
constexpr std::size_t kUnitPieces = 200;        // so that workers share a thousand empty tables

void add_chunk(LoadPiece& piece, const Chunk& chunk) {
  piece.chunks.push_back(&chunk);
  piece.size += chunk.content_size;
}

std::vector<LoadPiece> all_pieces(const backupset::Catalog& catalog, const std::set<int>& dump_ids,
                                  const std::set<PieceId>& loaded) {
  std::vector<LoadPiece> pieces;
  const auto add = [&](LoadPiece piece) {
    if (!piece.chunks.empty() && !loaded.contains(piece.id)) pieces.push_back(std::move(piece));
  };
  for (const backupset::Table& table : catalog.tables) {
    if (!dump_ids.contains(table.dump_id)) continue;
    for (const backupset::Segment& segment : table.segments) {
      LoadPiece piece{.id = {table.dump_id, segment.number}, .table = &table, .segment = &segment};
      for (const backupset::RowsChunk& chunk : segment.chunks) {
        if (!is_terminator(chunk)) add_chunk(piece, chunk.place);
      }
      add(std::move(piece));
    }
  }
  for (const backupset::LargeObjects& group : catalog.large_objects) {
    if (!dump_ids.contains(group.dump_id)) continue;
    for (const backupset::LargeObject& object : group.objects) {
      LoadPiece piece{.id = {group.dump_id, object.oid}, .object = &object};
      for (const Chunk& chunk : object.chunks) add_chunk(piece, chunk);
      add(std::move(piece));
    }
  }
  return pieces;
}

bool lies_before(const LoadPiece& a, const LoadPiece& b) {
  const Chunk &chunk_a = *a.chunks.front(), &chunk_b = *b.chunks.front();
  return std::tie(chunk_a.object, chunk_a.offset) < std::tie(chunk_b.object, chunk_b.offset);
}

}  // namespace

std::vector<LoadUnit> plan_load(const backupset::Catalog& catalog, const std::set<int>& dump_ids,
                                const std::set<PieceId>& loaded) {
  std::vector<LoadPiece> small;
  std::vector<LoadUnit> units;
  for (LoadPiece& piece : all_pieces(catalog, dump_ids, loaded)) {
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
      return unit.pieces.back().chunks.front()->object != piece.chunks.front()->object;
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
