#include "backupset/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backupset/archive_layout.h"
#include "base/error.h"
#include "base/json.h"

namespace pgseal::backupset {
namespace {

using ::testing::HasSubstr;

const std::string kName = "shop/20261124T041500Z-abcdefgh";

RowsFingerprint of_rows(const std::vector<const char*>& rows) {
  RowsFingerprint all;
  for (const char* row : rows) all.add(as_bytes(row));
  return all;
}

Chunk chunk(int bundle, const std::string& file, std::uint64_t content_size) {
  return {.object = kName + "/" + bundle_name(static_cast<std::uint64_t>(bundle)),
          .file = file,
          .offset = 512,
          .size = 30,
          .content_size = content_size};
}

RowsChunk terminator(const std::string& file) {
  return {.place = chunk(2, file, kCopyTerminator.size()), .rows = {}};
}

Catalog sample() {
  Catalog catalog;
  catalog.backup = kName;
  catalog.encoding = "UTF8";
  catalog.tables = {
      {.dump_id = 3456,
       .schema = "public",
       .name = "größe \"x\"\n",
       .oid = 4'294'967'295,
       .file_node = 7,
       .columns = "id, \"ä, b\"",
       .data_file = "3456.dat",
       .segments = {{.number = 0,
                     .first_block = 0,
                     .end_block = 131'072,
                     .chunks = {{chunk(1, "3456.dat.zst.00000000.0000", 4), of_rows({"a", "b"})},
                                {chunk(2, "3456.dat.zst.00000000.0001", 2), of_rows({"c"})}}},
                    {.number = 1, .first_block = 131'072, .end_block = 131'073, .chunks = {}},
                    {.number = 2,
                     .first_block = 131'073,
                     .end_block = std::nullopt,
                     .chunks = {terminator("3456.dat.zst.00000002.0000")}}}},
      {.dump_id = 3457,
       .schema = "gr\xf6\xdf",
       .name = "\xff",
       .data_file = "3457.dat",
       .segments = {{.chunks = {{chunk(1, "3457.dat.zst.00000000.0000", 1), of_rows({""})},
                                terminator("3457.dat.zst.00000000.0001")}}}}};
  catalog.large_objects = {
      {.dump_id = 3500,
       .toc_file = "blobs.toc",
       .objects = {{.oid = 16'409,
                    .size = 10,
                    .fingerprint = std::string(32, 'f'),
                    .chunks = {chunk(1, "blob_16409.dat.zst.00000000.0000", 6),
                               chunk(3, "blob_16409.dat.zst.00000000.0001", 4)}},
                   {.oid = 16'410,
                    .size = 0,
                    .fingerprint = std::string(32, '0'),
                    .chunks = {chunk(3, "blob_16410.dat.zst.00000000.0000", 0)}}}}};
  catalog.sequences = {{.schema = "public",
                        .name = "s",
                        .definition = "SELECT pg_catalog.setval('public.s', 1, false);\n"}};
  return catalog;
}

std::string refusal_of(std::string_view text) {
  try {
    (void)Catalog::parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification) << error.message();
    return error.message();
  }
  return "";
}

std::string refusal_with(const std::string& pointer, const Json& value) {
  Json json = Json::parse(sample().to_json());
  json[Json::json_pointer(pointer)] = value;
  return refusal_of(json.dump());
}

TEST(Catalog, IsReadBack) {
  EXPECT_EQ(Catalog::parse(sample().to_json()), sample());
  Catalog empty;
  empty.backup = kName;
  EXPECT_EQ(Catalog::parse(empty.to_json()), empty);
}

TEST(Catalog, CountsWhatATableHas) {
  const Table table = sample().tables[0];
  EXPECT_EQ(table.rows(), of_rows({"c", "b", "a"}));
  EXPECT_EQ(table.content_size(), 6u) << "without the terminator";
  EXPECT_EQ(table.stored_size(), 90u);
  EXPECT_EQ(sample().tables[1].rows().rows(), 1u);
}

TEST(Catalog, NamesEachObjectOnce) {
  const std::string json = sample().to_json();
  EXPECT_THAT(json, HasSubstr(R"("objects":[")" + kName + "/data/000001.tar.age\",\"" + kName +
                              "/data/000002.tar.age\",\"" + kName + "/data/000003.tar.age\"]"));
  EXPECT_EQ(json.find("000001", json.find("000001.tar") + 1), std::string::npos);
  EXPECT_THAT(json, HasSubstr(R"([0,"3456.dat.zst.00000000.0000",512,30,4,2,")" +
                              of_rows({"a", "b"}).hex() + "\"]"));
}

TEST(Catalog, NamesEveryMemberThatIsMissingOrIllTyped) {
  const Json whole = Json::parse(sample().to_json());
  struct Object {
    const char* pointer;
    const char* shown;
  };
  for (const Object& object :
       {Object{"", ""}, Object{"/tables/0", "tables[0]."},
        Object{"/tables/0/segments/1", "tables[0].segments[1]."},
        Object{"/large_objects/0", "large_objects[0]."}, Object{"/sequences/0", "sequences[0]."}}) {
    const Json::json_pointer pointer(object.pointer);
    for (const auto& [name, value] : whole[pointer].items()) {
      Json changed = whole;
      changed[pointer].erase(name);
      EXPECT_EQ(refusal_of(changed.dump()),
                "cannot read the catalog: \"" + (object.shown + name) + "\" is missing");
      for (const Json& wrong : {Json(true), Json(-1), Json::array({Json()}), Json{{"a", 1}},
                                Json::parse("18446744073709551615")}) {
        changed[pointer][name] = wrong;
        EXPECT_THAT(refusal_of(changed.dump()), HasSubstr("\"" + (object.shown + name))) << wrong;
      }
    }
    Json more = whole;
    more[pointer]["extra"] = 1;
    EXPECT_THAT(refusal_of(more.dump()), HasSubstr("has the unknown member \"extra\""));
  }
}

TEST(Catalog, NamesEveryElementThatIsMissingOrIllTyped) {
  const Json whole = Json::parse(sample().to_json());
  for (const char* array : {"/tables/0/segments/0/chunks/0", "/large_objects/0/objects/0",
                            "/large_objects/0/objects/0/3/0"}) {
    const Json::json_pointer pointer(array);
    Json changed = whole;
    changed[pointer].push_back(0);
    EXPECT_THAT(refusal_of(changed.dump()), HasSubstr("elements, not"));
    changed = whole;
    changed[pointer].erase(changed[pointer].size() - 1);
    EXPECT_THAT(refusal_of(changed.dump()), HasSubstr("elements, not"));
    for (std::size_t i = 0; i < whole[pointer].size(); ++i) {
      for (const Json& wrong :
           {Json(), Json(true), Json(-1), Json{{"a", 1}}, Json::parse("18446744073709551615")}) {
        changed = whole;
        changed[pointer][i] = wrong;
        EXPECT_THAT(refusal_of(changed.dump()), HasSubstr("[" + std::to_string(i) + "]")) << wrong;
      }
    }
  }
}

TEST(Catalog, RefusesUnknownFormatsAndVersionsByName) {
  EXPECT_EQ(
      refusal_with("/format", "pgseal-archive"),
      R"(cannot read the catalog: "format" is "pgseal-archive", not "pgseal-archive-catalog")");
  EXPECT_EQ(refusal_with("/version", 2), R"(cannot read the catalog: "version" 2 is unknown)");
}

TEST(Catalog, RefusesPlacesThatCannotBe) {
  const std::string chunk = "/tables/0/segments/0/chunks/0/";
  EXPECT_THAT(refusal_with(chunk + "0", 3), HasSubstr("[0]\" is no place in \"objects\""));
  for (const char* file : {"", "../../etc/passwd", "3456.dat", "toc.dat", "x.zst.00000000.0000"}) {
    EXPECT_THAT(refusal_with(chunk + "1", file), HasSubstr("is no such file's name")) << file;
  }
  EXPECT_THAT(refusal_with(chunk + "3", (5ull << 40) + 1), HasSubstr("chunks[0][3]"));
  EXPECT_THAT(refusal_with("/objects/0", "../x"), HasSubstr("objects[0]"));
  EXPECT_THAT(refusal_with("/objects/1", kName + "/data/000001.tar.age"), HasSubstr("twice"));
  EXPECT_THAT(refusal_with("/backup", "shop"), HasSubstr("\"backup\" is no backup's name"));
  EXPECT_THAT(refusal_with("/tables/0/data_file", "../3456.dat"), HasSubstr("data_file"));
  EXPECT_THAT(refusal_with("/tables/0/data_file", "3457.dat"), HasSubstr("data_file"));
  EXPECT_THAT(refusal_with("/large_objects/0/toc_file", "toc.dat"), HasSubstr("toc_file"));
}

TEST(Catalog, RefusesCountsThatCannotBe) {
  const std::string chunk = "/tables/0/segments/0/chunks/0/";
  EXPECT_THAT(refusal_with(chunk + "5", 5), HasSubstr("from 0 to 4")) << "5 rows in 4 bytes";
  EXPECT_THAT(refusal_with(chunk + "5", 0), HasSubstr("is no fingerprint of so many rows"));
  EXPECT_THAT(refusal_with(chunk + "6", std::string(32, 'F')), HasSubstr("chunks[0][6]"));
  EXPECT_THAT(refusal_with("/tables/1/segments/0/chunks/1/4", 6), HasSubstr("no terminator"));
  EXPECT_THAT(refusal_with("/large_objects/0/objects/0/1", 11), HasSubstr("size together"));
  EXPECT_THAT(refusal_with("/large_objects/0/objects/0/3", Json::array()), HasSubstr("together"));
  EXPECT_THAT(refusal_with("/large_objects/0/objects/0/2", "f"), HasSubstr("is no fingerprint"));
}

TEST(Catalog, RefusesTablesWithHoles) {
  const std::string segments = "/tables/0/segments/";
  EXPECT_THAT(refusal_with(segments + "0/first_block", 1), HasSubstr("segments[0].first_block"));
  EXPECT_THAT(refusal_with(segments + "1/first_block", 131'071), HasSubstr("where the segment"));
  EXPECT_THAT(refusal_with(segments + "1/end_block", 131'072), HasSubstr("not behind the first"));
  EXPECT_THAT(refusal_with(segments + "2/end_block", 200'000), HasSubstr("to the table's end"));
  EXPECT_THAT(refusal_with(segments + "0/end_block", Json()), HasSubstr("segments[1].first_block"));
  EXPECT_THAT(refusal_with(segments + "1/number", 0), HasSubstr("segments[1].number"));
  EXPECT_THAT(refusal_with("/tables/0/segments", Json::array()), HasSubstr("\"tables[0].segments"));
}

TEST(Catalog, RefusesATableWithoutItsTerminatorAtItsEnd) {
  const Json whole = Json::parse(sample().to_json());
  const Json::json_pointer last("/tables/0/segments/2/chunks"),
      first("/tables/0/segments/0/chunks");
  const char* expected = "\"tables[0].segments\" do not end with the only terminator";
  Json none = whole, two = whole, early = whole;
  none[last].clear();
  two[last].push_back(whole[last][0]);
  early[first].push_back(whole[last][0]);
  early[last].clear();
  for (const Json& json : {none, two, early}) {
    EXPECT_THAT(refusal_of(json.dump()), HasSubstr(expected));
  }
}

TEST(Catalog, RefusesWhatIsThereTwice) {
  EXPECT_THAT(refusal_with("/large_objects/0/dump_id", 3456),
              HasSubstr("dump_id\" is there twice"));
  EXPECT_THAT(refusal_with("/large_objects/0/objects/1/0", 16'409), HasSubstr("objects[1][0]"));
  std::string twice = sample().to_json();
  twice.insert(1, R"("encoding":"LATIN1",)");
  EXPECT_THAT(refusal_of(twice), HasSubstr("the member \"encoding\" twice"));
}

TEST(Catalog, SurvivesEveryChangedOrMissingByte) {
  const std::string text = sample().to_json();
  int refused = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    refused += !refusal_of(text.substr(0, i)).empty();
    for (const char c : {'0', 'x', '"', '\xff', '\0', '['}) {
      std::string changed = text;
      changed[i] = c;
      refused += !refusal_of(changed).empty();
    }
  }
  EXPECT_GT(refused, static_cast<int>(text.size()));
}

TEST(Catalog, HoldsAHundredThousandLargeObjectsAndChunks) {
  constexpr std::uint32_t kMany = 100'000;
  Catalog catalog = sample();
  auto& objects = catalog.large_objects[0].objects;
  auto& chunks = catalog.tables[1].segments[0].chunks;
  objects.clear();
  for (std::uint32_t i = 1; i <= kMany; ++i) {
    const std::string file = "blob_" + std::to_string(i) + ".dat";
    objects.push_back({.oid = i,
                       .size = i,
                       .fingerprint = std::string(32, 'a'),
                       .chunks = {chunk(static_cast<int>(i / 1000), chunk_name(file, 0, 0), i)}});
    chunks.insert(
        chunks.end() - 1,
        {chunk(static_cast<int>(i / 2), chunk_name("3457.dat", 0, i % 10'000), i), of_rows({"a"})});
  }
  const std::string json = catalog.to_json();
  EXPECT_LT(json.size(), 32u << 20);
  EXPECT_EQ(Catalog::parse(json), catalog);
}

}  // namespace
}  // namespace pgseal::backupset
