#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/format.h"
#include "postgres/archive_toc.h"

namespace pgseal::postgres {
namespace {

constexpr std::size_t kMinorAt = 6, kRevisionAt = 7, kIntSizeAt = 8, kOffsetSizeAt = 9,
                      kFormatAt = 10;

/// An archive of a table and a large object, every kind of text in it.
ArchiveToc small_toc(int minor) {
  ArchiveToc toc;
  toc.version.minor = minor;
  toc.created = {1, 2, 3, 24, 10, 126, 0};
  toc.database = "sample";
  toc.server_version = "15.18";
  toc.pg_dump_version = "";
  TocEntry data;
  data.dump_id = 3456;
  data.has_data = true;
  data.tag = "Ünï\n";
  data.description = "TABLE DATA";
  data.section = Section::data;
  data.copy_statement = "COPY public.t (a) FROM stdin;\n";
  data.dependencies = {"214", "3"};
  TocEntry blobs;
  blobs.dump_id = 7;
  blobs.has_data = true;
  blobs.description = "BLOBS";
  blobs.section = Section::data;
  blobs.dependencies = {"8"};
  if (minor >= 16) blobs.relation_kind = 'r';
  TocEntry large_object;
  large_object.dump_id = 8;
  large_object.description = minor < 16 ? "BLOB" : "BLOB METADATA";
  large_object.tag = "4242";
  large_object.definition = "4242\n4243";
  large_object.section = Section::pre_data;
  toc.entries = {data, blobs, large_object};
  return toc;
}

Bytes with_byte(Bytes bytes, std::size_t at, int value) {
  bytes.at(at) = static_cast<std::byte>(value);
  return bytes;
}

std::string refusal(ByteView directory_toc) {
  try {
    [[maybe_unused]] const ArchiveToc toc = read_directory_toc(directory_toc);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification);
    return error.message();
  }
}

class EachArchiveVersion : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(ArchiveToc, EachArchiveVersion, testing::Values(14, 15, 16));

TEST_P(EachArchiveVersion, IsReadAsItWasWritten) {
  const ArchiveToc toc = small_toc(GetParam());
  EXPECT_EQ(read_directory_toc(write_directory_toc(toc)), toc);
  const Bytes custom = write_custom_toc(toc);
  ByteSource source(custom);
  EXPECT_EQ(read_custom_toc(source), toc);
}

TEST_P(EachArchiveVersion, IsRefusedWhereverItIsCut) {
  const Bytes whole = write_directory_toc(small_toc(GetParam()));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(refusal(ByteView(whole).first(length)), "") << length;
  }
  Bytes longer = whole;
  longer.emplace_back();
  EXPECT_EQ(refusal(longer), "cannot read \"toc.dat\": it goes on after its last entry");
}

TEST_P(EachArchiveVersion, IsRefusedOrReadTheSameWhateverByteIsChanged) {
  const Bytes whole = write_directory_toc(small_toc(GetParam()));
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 2, 0x22, 0x7f, 0x80, 0xff}) {
      const Bytes changed = with_byte(whole, at, value);
      if (refusal(changed) != "") {
        ++refused;
        continue;
      }
      const ArchiveToc toc = read_directory_toc(changed);
      EXPECT_EQ(read_directory_toc(write_directory_toc(toc)), toc) << at << " " << value;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(ArchiveToc, RefusesWhatItDoesNotKnowByItsName) {
  const Bytes toc = write_directory_toc(small_toc(16));
  const std::string begin = "cannot read \"toc.dat\": ";
  EXPECT_EQ(refusal(to_bytes("toc.dat, but of another kind")), begin + "it is no pg_dump archive");
  EXPECT_EQ(refusal(to_bytes("")), begin + "it ends too early");
  const std::string known = " is unknown, 1.14 to 1.16 are known (pg_dump 12 to 18)";
  EXPECT_EQ(refusal(with_byte(toc, kMinorAt, 17)), begin + "archive version 1.17" + known);
  EXPECT_EQ(refusal(with_byte(toc, kMinorAt, 13)), begin + "archive version 1.13" + known);
  EXPECT_EQ(refusal(with_byte(toc, kMinorAt - 1, 2)), begin + "archive version 2.16" + known);
  EXPECT_EQ(refusal(with_byte(toc, kRevisionAt, 1)), begin + "archive version 1.16-1" + known);
  EXPECT_EQ(refusal(with_byte(toc, kIntSizeAt, 8)),
            begin + "its integers are of 8 bytes, only 4 are supported");
  EXPECT_EQ(refusal(with_byte(toc, kOffsetSizeAt, 5)),
            begin + "its offsets are of 5 bytes, only 4 and 8 are supported");
  EXPECT_EQ(refusal(with_byte(toc, kFormatAt, 1)),
            begin + "it is of the custom format, not of the directory format");
  EXPECT_EQ(refusal(with_byte(toc, kFormatAt, 2)), begin + "archive format 2 is unknown");
}

TEST(ArchiveToc, RefusesEntriesThatContradict) {
  const auto refusal_of = [](const auto& change) {
    ArchiveToc toc = small_toc(16);
    change(toc);
    return refusal(write_directory_toc(toc));
  };
  const std::string begin = "cannot read \"toc.dat\": entry ";
  EXPECT_EQ(refusal_of([](ArchiveToc& toc) { toc.entries[1].dump_id = 3456; }),
            begin + "2 of 3: dump id 3456 comes twice");
  EXPECT_EQ(refusal_of([](ArchiveToc& toc) { toc.entries[0].dump_id = 0; }),
            begin + "1 of 3: its dump id is 0");
  EXPECT_EQ(refusal_of([](ArchiveToc& toc) { toc.entries[2].section = Section(5); }),
            begin + "3 of 3: section 5 is unknown");
  EXPECT_EQ(refusal_of([](ArchiveToc& toc) { toc.entries[0].dependencies[0] = "x"; }),
            begin + "1 of 3: it depends on \"x\", which is no dump id");
  EXPECT_EQ(refusal_of([](ArchiveToc& toc) { toc.entries[0].tag = std::string("a\0b", 3); }),
            begin + "1 of 3: it holds a string with a zero byte");
}

TEST(ArchiveToc, RefusesAFileThatIsNotTheEntrysOwn) {
  Bytes toc = write_directory_toc(small_toc(16));
  const std::string_view text = as_text(toc);
  const std::size_t at = text.find("3456.dat");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(refusal(with_byte(toc, at, '9')),
            "cannot read \"toc.dat\": entry 1 of 3: its data is in \"9456.dat\", not in "
            "\"3456.dat\"");
}

long virtual_peak_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  long kib = 0;
  while (status >> word) {
    if (word == "VmPeak:") status >> kib;
  }
  return kib;
}

TEST(ArchiveToc, TakesNoMemoryForALengthThatIsOnlyClaimed) {
  // The head as far as the database's name, and then a length of 500 MB.
  std::string head = "PGDMP\x01\x10";
  head += std::string("\0\4\x08\1\0", 5) + std::string(std::size_t{7 * 5}, '\0');
  const std::string claim = std::string("\0\0\0\x80\x1d", 5) + "only this";
  const Bytes bytes = to_bytes(head + claim);
  const long before = virtual_peak_kib();
  ByteSource source(bytes);
  try {
    [[maybe_unused]] const ArchiveToc toc = read_custom_toc(source);
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot read the archive of pg_dump: it ends too early");
  }
  EXPECT_LT(virtual_peak_kib() - before, 100 * 1024);
  ByteSource again(bytes);
  try {
    [[maybe_unused]] const ArchiveToc toc = read_custom_toc(again, kMiB);
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::database);
    EXPECT_EQ(error.message(),
              "cannot read the archive of pg_dump: it holds a string of 494927872 bytes, more than "
              "1048576");
  }
}

TEST(ArchiveToc, NamesLargeObjectsInBothGenerations) {
  const ArchiveToc older = small_toc(15), newer = small_toc(16);
  EXPECT_EQ(large_objects_of(older, older.entries[1]), std::vector<std::uint32_t>{4242});
  EXPECT_EQ(large_objects_of(newer, newer.entries[1]), (std::vector<std::uint32_t>{4242, 4243}));
  EXPECT_EQ(data_file_name(older, older.entries[1]), "blobs.toc");
  EXPECT_EQ(data_file_name(newer, newer.entries[1]), "blobs_7.toc");
  EXPECT_EQ(data_file_name(newer, newer.entries[0]), "3456.dat");
}

TEST(ArchiveToc, RefusesLargeObjectsThatItCannotName) {
  ArchiveToc toc = small_toc(16);
  EXPECT_THROW((void)large_objects_of(toc, toc.entries[0]), Error);
  for (const char* definition : {"", "0", "-1", "4294967296", "12 ", "1\n\n2", "x"}) {
    toc.entries[2].definition = definition;
    EXPECT_THROW((void)large_objects_of(toc, toc.entries[1]), Error) << definition;
  }
  toc.entries[2].definition = "4294967295";
  EXPECT_EQ(large_objects_of(toc, toc.entries[1]), std::vector<std::uint32_t>{4294967295U});
  toc.entries[1].dependencies.clear();
  EXPECT_THROW((void)large_objects_of(toc, toc.entries[1]), Error);
}

}  // namespace
}  // namespace pgseal::postgres
