#include "backupset/archive_layout.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "store/object_store.h"

namespace pgseal::backupset {
namespace {

TimePoint time_of(const char* text) { return *parse_utc(text); }

TEST(BackupId, SortsByTimeAndIsReadBack) {
  const BackupId id =
      BackupId::make(time_of("2026-11-24T04:15:00Z") + std::chrono::milliseconds(999));
  EXPECT_EQ(id.text().substr(0, 17), "20261124T041500Z-");
  EXPECT_EQ(id.text().size(), 25u);
  EXPECT_EQ(id.started(), time_of("2026-11-24T04:15:00Z"));
  const auto parsed = BackupId::parse(id.text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, id);
  EXPECT_LT(BackupId::make(time_of("2026-11-24T04:15:00Z")).text(),
            BackupId::make(time_of("2026-11-24T04:15:01Z")).text());
}

TEST(BackupId, DiffersAtTheSameTime) {
  std::set<std::string> ids;
  std::set<char> letters;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = BackupId::make(time_of("2026-11-24T04:15:00Z")).text();
    ids.insert(id);
    letters.insert(id.begin() + 17, id.end());
  }
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_EQ(letters.size(), 26u);
}

TEST(BackupId, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "20261124T041500Z", "20261124T041500Z-", "20261124T041500Z-abcdefg",
        "20261124T041500Z-abcdefghi", "20261124T041500Z-ABCDEFGH", "20261124T041500Z-abcdefg1",
        "20261124T041500Z-abcdefg/", "20261324T041500Z-abcdefgh", "20260230T041500Z-abcdefgh",
        "20261124T041560Z-abcdefgh", "20261124T0415 0Z-abcdefgh", "20261124 041500Z-abcdefgh",
        "20261124T041500+-abcdefgh", "+0261124T041500Z-abcdefgh", "19691231T235959Z-abcdefgh",
        "2026-11-24T04:15:00Z-abcdefgh", "20261124T041500Z_abcdefgh"}) {
    EXPECT_FALSE(BackupId::parse(text)) << text;
  }
}

TEST(DatabaseComponent, IsReadBackAndAlwaysAValidKey) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  for (const std::string& name :
       {std::string("shop"), std::string("my_shop-2"), std::string("a.b"), std::string("."),
        std::string(".."), std::string("..."), std::string(".tmp"), std::string("a/b"),
        std::string("../../etc"), std::string("größe"), std::string("100%"), std::string("%2F"),
        std::string("a b\nc"), std::string("\xff\xfe"), std::string("lost+found"), all}) {
    const std::string component = encode_database(name);
    EXPECT_TRUE(store::is_valid_key(component)) << component;
    EXPECT_EQ(component.find('/'), std::string::npos) << component;
    EXPECT_NE(component[0], '.');
    EXPECT_EQ(decode_database(component), name) << component;
  }
  EXPECT_EQ(encode_database("my shop/ü"), "my%20shop%2F%C3%BC");
  EXPECT_EQ(encode_database("..a."), "%2E.a.");
}

TEST(DatabaseComponent, HasOneForm) {
  for (const char* text : {"", ".", "..", ".a", "%", "%2", "%2f", "%61", "a b", "a/b", "a%zz",
                           "a%2", "%%", "ü", "+"}) {
    EXPECT_FALSE(decode_database(text)) << text;
  }
}

BackupPlace sample_place() {
  return {.database = "my shop", .id = *BackupId::parse("20261124T041500Z-abcdefgh")};
}

TEST(BackupPlace, NamesItsObjects) {
  const BackupPlace place = sample_place();
  EXPECT_EQ(place.name(), "my%20shop/20261124T041500Z-abcdefgh");
  EXPECT_EQ(place.key(kTocName), "my%20shop/20261124T041500Z-abcdefgh/toc.tar.age");
  EXPECT_EQ(BackupPlace::parse(place.name()), place);
  EXPECT_EQ(BackupPlace::of_manifest(place.key(kManifestName)), place);
  const auto object = ObjectPlace::parse(place.key(bundle_name(1)));
  ASSERT_TRUE(object);
  EXPECT_EQ(object->place, place);
  EXPECT_EQ(object->name, "data/000001.tar.age");
}

TEST(BackupPlace, RefusesWhatIsNoPlace) {
  const std::string name = sample_place().name();
  for (const std::string& text :
       {std::string(), std::string("/"), std::string("shop"), name + "/", "/" + name, "x/" + name,
        std::string("my shop/20261124T041500Z-abcdefgh"), std::string("shop/latest")}) {
    EXPECT_FALSE(BackupPlace::parse(text)) << text;
  }
  for (const std::string& key :
       {std::string("manifest.json"), std::string("shop/manifest.json"), name + "/manifest.json/",
        name + "//manifest.json", name + "/x/manifest.json", name + "/manifest.json.minisig",
        name + "manifest.json", "x/" + name + "/manifest.json"}) {
    EXPECT_FALSE(BackupPlace::of_manifest(key)) << key;
  }
  for (const std::string& key : {name, name + "/", name + "/..", name + "/a/../b", name + "/a b",
                                 name + "/a\n", name + std::string("/a\0", 3), name + "/a%20b"}) {
    EXPECT_FALSE(ObjectPlace::parse(key)) << key;
  }
}

TEST(Names, SortAsNumbersDo) {
  EXPECT_EQ(bundle_name(1), "data/000001.tar.age");
  EXPECT_EQ(bundle_name(1'234'567), "data/1234567.tar.age");
  EXPECT_EQ(chunk_name("3456.dat", 0, 0), "3456.dat.zst.00000000.0000");
  EXPECT_EQ(chunk_name("3456.dat", kMaxSegmentNumber, kMaxChunkNumber),
            "3456.dat.zst.99999999.9999");
  EXPECT_LT(chunk_name("3456.dat", 9, 0), chunk_name("3456.dat", 10, 0));
  EXPECT_THROW((void)chunk_name("3456.dat", kMaxSegmentNumber + 1, 0), Error);
  EXPECT_THROW((void)chunk_name("3456.dat", 0, kMaxChunkNumber + 1), Error);
}

TEST(Names, OfFilesAreThoseOfADirectoryArchiveOnly) {
  for (const char* name : {"3456.dat", "0.dat", "blob_16409.dat"}) {
    EXPECT_TRUE(is_data_file_name(name)) << name;
    EXPECT_TRUE(is_chunk_name(chunk_name(name, 12, 34))) << name;
  }
  for (const char* name :
       {"", ".dat", "dat", "01.dat", "-1.dat", "3456.DAT", "3456.dat/", "../1.dat", "a.dat",
        "toc.dat", "blob_.dat", "blob_x.dat", "blobs_1.dat", "12345678901.dat", "1.dat\n"}) {
    EXPECT_FALSE(is_data_file_name(name)) << name;
    EXPECT_FALSE(is_chunk_name(std::string(name) + ".zst.00000000.0000")) << name;
  }
  for (const char* name :
       {"3456.dat", "3456.dat.zst", "3456.dat.zst.0000000.0000", "3456.dat.zst.00000000.000",
        "3456.dat.zst.00000000.00000", "3456.dat.zst.00000000.000a", "3456.dat.zst.00000000-0000",
        "3456.dat.gz.00000000.0000", ".zst.00000000.0000"}) {
    EXPECT_FALSE(is_chunk_name(name)) << name;
  }
  EXPECT_TRUE(is_blobs_toc_name("blobs.toc"));
  EXPECT_TRUE(is_blobs_toc_name("blobs_3456.toc"));
  for (const char* name : {"", "toc.dat", "blobs_.toc", "blobs_../1.toc", "blobs_1.toc.gz"}) {
    EXPECT_FALSE(is_blobs_toc_name(name)) << name;
  }
}

}  // namespace
}  // namespace pgseal::backupset
