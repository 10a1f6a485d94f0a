#include "postgres/archive_toc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>

#include "base/error.h"
#include "base/format.h"
#include "support/command.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/sample_database.h"
#include "support/temp_dir.h"

namespace pgseal::postgres {
namespace {

namespace fs = std::filesystem;
using test::read_text;
using test::run_ok;

// More large objects than one BLOBS entry of pg_dump 17 takes.
constexpr const char* kOddities = R"sql(
CREATE SCHEMA "a.b (c)";
CREATE TABLE "a.b (c)"."Ünï "" , 世界
FROM stdin;" ("x, y" integer, "(" text, ")" text, """" text, "two
lines" text, gone integer, "end" integer GENERATED ALWAYS AS (length("(")) STORED);
ALTER TABLE "a.b (c)"."Ünï "" , 世界
FROM stdin;" DROP COLUMN gone;
INSERT INTO "a.b (c)"."Ünï "" , 世界
FROM stdin;" VALUES (1, 'a', 'b', 'c', 'd');
SELECT count(lo_create(i)) FROM generate_series(100001, 102500) i;
)sql";

/// A server with the sample database, dumped in both formats.
class DumpedSample final {
 public:
  explicit DumpedSample(int version) : server({.version = version}) {
    test::load_sample(server, "sample");
    server.psql("sample", kOddities);
    dump({"-Fc", "-f", custom()});
    dump({"-Fd", "-f", directory()});
  }

  void dump(std::vector<std::string> options) const {
    options.insert(options.begin(), {program("pg_dump"), "-Z0", "-d", server.conninfo("sample")});
    run_ok(options);
  }
  [[nodiscard]] std::string program(const char* name) const {
    return server.bin_dir() + "/" + name;
  }
  [[nodiscard]] std::string custom() const { return files / "custom.dump"; }
  [[nodiscard]] std::string directory() const { return files / "directory"; }

  test::PostgresServer server;
  test::TempDir files;
};

/// Gives one byte at a time and counts them.
class TricklingSource final : public Source {
 public:
  explicit TricklingSource(ByteView bytes) : rest_(bytes) {}
  std::size_t read(ByteSpan out) override {
    if (rest_.empty()) return 0;
    out[0] = rest_[0];
    rest_ = rest_.subspan(1);
    ++given;
    return 1;
  }
  std::size_t given = 0;

 private:
  ByteView rest_;
};

ArchiveToc read_custom(const std::string& path) {
  const Bytes bytes = to_bytes(read_text(path));
  ByteSource source(bytes);
  return read_custom_toc(source);
}

ArchiveToc read_directory(const std::string& path) {
  return read_directory_toc(to_bytes(read_text(fs::path(path) / "toc.dat")));
}

class ArchiveTocOf : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam())); }
  static void TearDownTestSuite() { samples().clear(); }

  static const DumpedSample& sample() {
    auto& made = samples()[GetParam()];
    if (!made) made = std::make_unique<DumpedSample>(GetParam());
    return *made;
  }

 private:
  static std::map<int, std::unique_ptr<DumpedSample>>& samples() {
    static std::map<int, std::unique_ptr<DumpedSample>> all;
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(PgDump, ArchiveTocOf, testing::Values(15, 17, 18));

TEST_P(ArchiveTocOf, CustomFormatIsThatOfTheDirectoryFormatByteForByte) {
  ArchiveToc from_custom = read_custom(sample().custom());
  EXPECT_EQ(from_custom.version.text(), GetParam() < 16 ? "1.14" : "1.16");
  EXPECT_EQ(from_custom.encoding(), "UTF8");
  EXPECT_EQ(from_custom.database, "sample");
  EXPECT_GT(from_custom.entries.size(), 100u);

  const ArchiveToc from_directory = read_directory(sample().directory());
  from_custom.created = from_directory.created;
  EXPECT_EQ(from_custom, from_directory);
  EXPECT_EQ(as_text(write_directory_toc(from_custom)),
            read_text(fs::path(sample().directory()) / "toc.dat"));
}

TEST_P(ArchiveTocOf, StatisticsIsReadToo) {
  if (GetParam() < 18) return;  // no statistics there, which the other tests prove by passing
  const test::TempDir files;
  sample().server.psql("sample", "ANALYZE");
  sample().dump({"--statistics", "-Fc", "-f", files / "custom.dump"});
  sample().dump({"--statistics", "-Fd", "-f", files / "directory"});
  ArchiveToc from_custom = read_custom(files / "custom.dump");
  const ArchiveToc from_directory = read_directory(files / "directory");
  from_custom.created = from_directory.created;
  EXPECT_EQ(from_custom, from_directory);
  EXPECT_TRUE(
      std::any_of(from_custom.entries.begin(), from_custom.entries.end(),
                  [](const TocEntry& entry) { return entry.description == "STATISTICS DATA"; }));
}

/// What `pg_restore -l` lists, without the two lines that name the format.
std::string listing(const std::string& pg_restore, const std::string& archive) {
  std::istringstream lines(run_ok({pg_restore, "-l", archive}));
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(";     Format:") && !line.starts_with(";     Compression:")) {
      result += line + "\n";
    }
  }
  return result;
}

TEST_P(ArchiveTocOf, CustomFormatIsListedAndRestoredByPgRestoreAsADirectory) {
  const DumpedSample& of = sample();
  const test::TempDir files;
  const std::string directory = files / "directory";
  fs::copy(of.directory(), directory);
  const Bytes toc = write_directory_toc(read_custom(of.custom()));
  test::write_text(fs::path(directory) / "toc.dat", as_text(toc));

  const std::string pg_restore = of.program("pg_restore");
  EXPECT_EQ(listing(pg_restore, directory), listing(pg_restore, of.custom()));
  of.server.create_database("copy");
  run_ok({pg_restore, "-j2", "-d", of.server.conninfo("copy"), directory});
  test::expect_same_database(of.server, "sample", of.server, "copy");
}

TEST_P(ArchiveTocOf, EachTableNamesItsFileTableAndColumns) {
  const DumpedSample& of = sample();
  const ArchiveToc toc = read_custom(of.custom());
  std::string script = "SET search_path = pg_catalog;\n", in_files;
  int tables = 0;
  for (const TocEntry& entry : toc.entries) {
    if (entry.description != "TABLE DATA") continue;
    const CopyTarget target = parse_copy_statement(entry.copy_statement.value());
    script += format("COPY (SELECT {} FROM ONLY {}) TO STDOUT;\n", target.columns, target.table);
    script += "\\echo '\\\\.\\n\\n'\n";  // as a data file ends
    in_files += read_text(fs::path(of.directory()) / data_file_name(toc, entry));
    ++tables;
  }
  EXPECT_EQ(std::to_string(tables),
            of.server.psql("sample",
                           "SELECT count(*) FROM pg_class WHERE relkind = 'r' "
                           "AND oid >= 16384"));
  EXPECT_TRUE(of.server.psql("sample", script) + "\n" == in_files);
}

TEST_P(ArchiveTocOf, LargeObjectsAreAllNamedOnce) {
  const DumpedSample& of = sample();
  const ArchiveToc toc = read_custom(of.custom());
  std::vector<std::uint32_t> oids;
  int entries = 0;
  for (const TocEntry& entry : toc.entries) {
    if (entry.description != "BLOBS") continue;
    EXPECT_TRUE(fs::exists(fs::path(of.directory()) / data_file_name(toc, entry)));
    const auto more = large_objects_of(toc, entry);
    oids.insert(oids.end(), more.begin(), more.end());
    ++entries;
  }
  EXPECT_EQ(entries, GetParam() < 17 ? 1 : 3);
  std::sort(oids.begin(), oids.end());
  std::string listed;
  for (const std::uint32_t oid : oids) listed += format("{}{}", listed.empty() ? "" : "\n", oid);
  EXPECT_EQ(listed,
            of.server.psql("sample", "SELECT oid FROM pg_largeobject_metadata ORDER BY oid"));
}

TEST_P(ArchiveTocOf, CustomFormatIsReadNoFurtherThanItGoesAndRefusedWhereverItIsCut) {
  const test::TempDir files;
  sample().dump({"-Fc", "-n", "\"Odd Names\"", "-f", files / "small.dump"});
  const Bytes bytes = to_bytes(read_text(files / "small.dump"));
  TricklingSource whole(bytes);
  const ArchiveToc toc = read_custom_toc(whole);
  const std::size_t length = whole.given;
  ASSERT_LT(length, bytes.size());
  EXPECT_EQ(static_cast<int>(bytes[length]), 1);  // pg_dump's mark of a block of data
  for (std::size_t cut = 0; cut < length; ++cut) {
    ByteSource source(ByteView(bytes).first(cut));
    EXPECT_THROW((void)read_custom_toc(source), Error) << cut;
  }
  ByteSource exact(ByteView(bytes).first(length));
  EXPECT_EQ(read_custom_toc(exact), toc);
}

TEST_P(ArchiveTocOf, OtherFormatsAreRefused) {
  const test::TempDir files;
  sample().dump({"-Fp", "-s", "-f", files / "plain"});
  run_ok({sample().program("pg_dump"), "-Ft", "-s", "-f", files / "tar", "-d",
          sample().server.conninfo("sample")});
  for (const std::string& path :
       {files / "plain", files / "tar", sample().directory() + "/toc.dat"}) {
    try {
      [[maybe_unused]] const ArchiveToc toc = read_custom(path);
      ADD_FAILURE() << path << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::database);
    }
  }
}

}  // namespace
}  // namespace pgseal::postgres
