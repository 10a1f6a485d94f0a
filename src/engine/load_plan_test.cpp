#include "engine/load_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::engine {
namespace {

using backupset::Catalog;
using backupset::Chunk;
using backupset::RowsChunk;
using testing::ElementsAre;

RowsChunk rows(const std::string& object, std::uint64_t offset, std::uint64_t content_size) {
  backupset::RowsFingerprint one;
  one.add(as_bytes("a row"));
  return {.place = {.object = object,
                    .file = "f",
                    .offset = offset,
                    .size = 100,
                    .content_size = content_size},
          .rows = one};
}

RowsChunk terminator(const std::string& object, std::uint64_t offset) {
  return {.place = {.object = object,
                    .file = "f",
                    .offset = offset,
                    .size = 20,
                    .content_size = backupset::kCopyTerminator.size()},
          .rows = {}};
}

/// A large table of two segments, three small ones in two objects, an empty one, a large object.
Catalog catalog() {
  Catalog made;
  const auto add = [&](int id, std::vector<backupset::Segment> segments) {
    made.tables.push_back({.dump_id = id,
                           .schema = "s",
                           .name = "t" + std::to_string(id),
                           .data_file = "",
                           .segments = std::move(segments)});
  };
  add(1, {{.number = 0, .chunks = {rows("a", 0, 5 * kMiB), rows("b", 0, 5 * kMiB)}},
          {.number = 1, .chunks = {rows("a", 1000, 20 * kMiB), terminator("a", 2000)}}});
  add(2, {{.number = 0, .chunks = {rows("b", 5000, 10), terminator("b", 6000)}}});
  add(3, {{.number = 0, .chunks = {rows("b", 3000, 10), terminator("b", 4000)}}});
  add(4, {{.number = 0, .chunks = {rows("a", 3000, 10), terminator("a", 4000)}}});
  add(5, {{.number = 0, .chunks = {terminator("a", 5000)}}});
  made.large_objects.push_back(
      {.dump_id = 6,
       .toc_file = "blobs.toc",
       .objects = {
           {.oid = 77,
            .chunks = {
                {.object = "b", .file = "f", .offset = 4500, .size = 9, .content_size = 3}}}}});
  return made;
}

std::vector<std::vector<PieceId>> ids(const std::vector<LoadUnit>& units) {
  std::vector<std::vector<PieceId>> result;
  for (const LoadUnit& unit : units) {
    result.emplace_back();
    for (const LoadPiece& piece : unit.pieces) result.back().push_back(piece.id);
  }
  return result;
}

TEST(LoadPlan, IsBiggestFirstAndTakesSmallPiecesOfAnObjectTogether) {
  const Catalog all = catalog();
  const auto units = plan_load(all, {1, 2, 3, 4, 5, 6}, {}, {});
  EXPECT_THAT(ids(units), ElementsAre(ElementsAre(PieceId{1, 1}), ElementsAre(PieceId{1, 0}),
                                      ElementsAre(PieceId{3, 0}, PieceId{6, 77}, PieceId{2, 0}),
                                      ElementsAre(PieceId{4, 0})));
  EXPECT_EQ(units[1].size, 10 * kMiB);
  EXPECT_EQ(units[1].pieces[0].chunks().size(), 2u);
  EXPECT_EQ(units[0].pieces[0].chunks().size(), 1u);  // the terminator is not read
  EXPECT_FALSE(units[0].pieces[0].is_whole);
  EXPECT_TRUE(units[3].pieces[0].is_whole);
}

TEST(LoadPlan, KeepsATableTogetherThatMustNotBeDivided) {
  Catalog one;
  one.tables.push_back({.dump_id = 1, .schema = "s", .name = "t", .data_file = ""});
  one.tables[0].segments = {
      {.number = 0,
       .chunks = {rows("a", 0, 16 * kMiB), rows("a", 1, 16 * kMiB), rows("a", 2, 16 * kMiB)}},
      {.number = 7, .chunks = {rows("b", 0, kMiB), rows("b", 1, 40 * kMiB), terminator("b", 2)}}};
  EXPECT_THAT(ids(plan_load(one, {1}, {}, {})),
              ElementsAre(ElementsAre(PieceId{1, 0}), ElementsAre(PieceId{1, 7})));
  const auto undivided = plan_load(one, {1}, {1}, {});
  ASSERT_EQ(undivided.size(), 1u);
  EXPECT_EQ(undivided[0].pieces[0].rows.size(), 5u);
  EXPECT_TRUE(undivided[0].pieces[0].is_whole);
}

TEST(LoadPlan, LeavesOutWhatIsNotWantedOrLoaded) {
  const Catalog all = catalog();
  EXPECT_THAT(ids(plan_load(all, {1, 2}, {}, {{1, 1}})),
              ElementsAre(ElementsAre(PieceId{1, 0}), ElementsAre(PieceId{2, 0})));
  EXPECT_TRUE(plan_load(all, {5}, {}, {}).empty());
}

}  // namespace
}  // namespace pgseal::engine
