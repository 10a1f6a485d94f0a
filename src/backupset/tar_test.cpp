#include "backupset/tar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support/command.h"
#include "support/requirement.h"
#include "support/store_conformance.h"
#include "support/temp_dir.h"

namespace pgseal::backupset {
namespace {

using ::testing::HasSubstr;

struct File {
  std::string name, content;
  bool operator==(const File&) const = default;
};

constexpr std::int64_t kTime = 1'795'493'700;  // 2026-11-24T04:15:00Z

std::string tar_of(const std::vector<File>& files) {
  Bytes tar;
  const auto add = [&](ByteView bytes) { tar.insert(tar.end(), bytes.begin(), bytes.end()); };
  for (const File& file : files) {
    add(tar_header(file.name, file.content.size(), kTime));
    add(as_bytes(file.content));
    add(Bytes(tar_padding(file.content.size())));
  }
  add(tar_end());
  return std::string(as_text(tar));
}

/// At most `step` bytes at a time.
class StepSource final : public Source {
 public:
  StepSource(std::string_view text, std::size_t step) : bytes_(as_bytes(text)), step_(step) {}
  std::size_t read(ByteSpan out) override {
    return bytes_.read(out.first(std::min(out.size(), step_)));
  }

 private:
  ByteSource bytes_;
  std::size_t step_;
};

std::vector<File> read_tar(std::string_view tar, std::size_t step = 100'000) {
  StepSource source(tar, step);
  TarReader reader(source);
  TarReader::Entry entry;
  std::vector<File> files;
  while (reader.next(entry)) {
    std::string content;
    Bytes buffer(step);
    while (const std::size_t n = reader.read(buffer)) content += as_text(ByteView(buffer).first(n));
    EXPECT_EQ(entry.size, content.size());
    EXPECT_EQ(tar.substr(entry.offset, entry.size), content);
    files.push_back({entry.name, content});
  }
  return files;
}

std::string refusal_of(std::string_view tar) {
  try {
    (void)read_tar(tar);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification);
    return error.message();
  }
  return "";
}

std::vector<File> sample() {
  std::vector<File> files;
  for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 70'000u}) {
    files.push_back({std::to_string(size) + ".dat", std::string(as_text(test::noise(size)))});
  }
  files.push_back({std::string(100, 'n'), "of the longest name"});
  return files;
}

TEST(Tar, IsUnpackedByTheRealTar) {
  const test::TempDir directory;
  test::write_text(directory / "files.tar", tar_of(sample()));
  test::run_ok({"tar", "-xf", directory / "files.tar", "-C", directory.path()});
  for (const File& file : sample()) {
    EXPECT_TRUE(test::read_text(directory / file.name) == file.content) << file.name;
  }
  test::CommandOptions options;
  options.environment = {{"TZ", "UTC"}, {"LC_ALL", "C"}};
  const std::string list =
      test::run_ok({"tar", "-tvf", directory / "files.tar", "--numeric-owner"}, options);
  EXPECT_THAT(list, HasSubstr("-rw------- 0/0           70000 2026-11-24 04:15 70000.dat\n"));
}

TEST(TarReader, ReadsWhatTheRealTarPacks) {
  const test::TempDir directory;
  std::string names;
  for (const File& file : sample()) {
    test::write_text(directory / file.name, file.content);
    names += " " + file.name;
  }
  test::CommandOptions options;
  options.directory = directory.path();
  const auto packed =
      test::sh("tar --format=ustar -cf - --owner=somebody:1234 --group=some:99 --mode=0644" + names,
               options);
  ASSERT_TRUE(packed.ok()) << packed.describe();
  for (const std::size_t step : {1u, 7u, 512u, 100'000u}) {
    EXPECT_TRUE(read_tar(packed.out, step) == sample()) << step;
  }
}

TEST(TarReader, ReadsWhatWeWriteInAnySteps) {
  const std::string tar = tar_of(sample());
  for (const std::size_t step : {1u, 7u, 511u, 512u, 513u, 100'000u}) {
    EXPECT_TRUE(read_tar(tar, step) == sample()) << step;
  }
  EXPECT_EQ(read_tar(tar_of({})), std::vector<File>{});
}

TEST(TarReader, SkipsWhatNobodyReads) {
  const std::string tar = tar_of(sample());
  ByteSource source(as_bytes(tar));
  TarReader reader(source);
  TarReader::Entry entry;
  std::size_t count = 0;
  while (reader.next(entry)) {
    EXPECT_EQ(entry.name, sample()[count].name);
    ++count;
  }
  EXPECT_EQ(count, sample().size());
  EXPECT_FALSE(reader.next(entry));
}

TEST(TarReader, RefusesEveryTruncation) {
  const std::string tar = tar_of({{"a", "content"}, {"b", std::string(600, 'x')}});
  for (std::size_t size = 0; size < tar.size(); ++size) {
    EXPECT_THAT(refusal_of(tar.substr(0, size)), HasSubstr("truncated")) << size;
  }
}

TEST(TarReader, RefusesEveryChangedByteOutsideOfContent) {
  const std::string tar = tar_of({{"a", "content"}});
  for (std::size_t i = 0; i < tar.size(); ++i) {
    if (i >= kTarBlock && i < kTarBlock + 7) continue;  // the content
    std::string changed = tar;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(refusal_of(changed), "") << i;
  }
}

/// A file "a" whose header is changed, with a checksum that fits.
std::string with_header(std::size_t at, std::string_view bytes) {
  std::string tar = tar_of({{"a", "content"}});
  tar.replace(at, bytes.size(), bytes);
  tar.replace(148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) sum += static_cast<unsigned char>(tar[i]);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  tar.replace(148, 7, text, 7);
  return tar;
}

TEST(TarReader, RefusesHostileHeaders) {
  EXPECT_EQ(refusal_of(with_header(0, "b")), "");
  EXPECT_EQ(refusal_of(with_header(100, "0000777")), "") << "the mode does not matter";
  struct Case {
    const char* what;
    std::size_t at;
    std::string bytes;
  };
  for (const Case& c :
       {Case{"absolute name", 0, "/etc/passwd"}, Case{"name of a parent", 0, ".."},
        Case{"name in a directory", 0, "a/b"}, Case{"no name", 0, std::string(1, '\0')},
        Case{"something behind the name's end", 5, "x"}, Case{"prefix", 345, "x"},
        Case{"symbolic link", 156, "2"}, Case{"directory", 156, "5"},
        Case{"extended header", 156, "x"}, Case{"old regular file", 156, std::string(1, '\0')},
        Case{"link's target", 157, "x"}, Case{"GNU's magic", 257, "ustar  "},
        Case{"no magic", 257, std::string(8, '\0')}, Case{"size in base 256", 124, "\x80"},
        Case{"size in decimal", 124, "9"}, Case{"size with spaces", 124, "          7 "},
        Case{"device", 329, "0000001"}, Case{"trailing bytes", 500, "x"}}) {
    EXPECT_NE(refusal_of(with_header(c.at, c.bytes)), "") << c.what;
  }
}

TEST(TarReader, AllowsNothingBehindTheEndButZeros) {
  const std::string tar = tar_of({{"a", "content"}});
  EXPECT_EQ(refusal_of(tar + std::string(10 * kTarBlock, '\0')), "");
  EXPECT_THAT(refusal_of(tar + tar), HasSubstr("something follows the end at byte 2048"));
  EXPECT_THAT(refusal_of(tar + std::string(1, '\0')), HasSubstr("truncated"));
}

TEST(Tar, RefusesToWriteWhatDoesNotFit) {
  constexpr std::uint64_t kLargest = (8ull << 30) - 1;
  EXPECT_EQ(tar_header("a", kLargest, kTime).size(), kTarBlock);
  EXPECT_THROW((void)tar_header("a", kLargest + 1, kTime), Error);
  EXPECT_THROW((void)tar_header("a", 0, -1), Error);
  for (const std::string& name : {std::string(), std::string(101, 'n'), std::string("a/b"),
                                  std::string("."), std::string(".."), std::string("a\0b", 3)}) {
    EXPECT_THROW((void)tar_header(name, 0, kTime), Error) << name;
  }
}

}  // namespace
}  // namespace pgseal::backupset
