#include "compress/bzip2_block.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/stream.h"
#include "compress/bzip2_decoder.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::compress {
namespace {

Bytes compress_all(ByteView input) {
  Bytes out;
  Bzip2Joiner joiner;
  Bzip2BlockCompressor compressor;
  while (!input.empty()) {
    const std::size_t length = bzip2_block_length(input);
    joiner.add(compressor.compress(input.first(length)), out);
    input = input.subspan(length);
  }
  joiner.finish(out);
  return out;
}

/// What stock bzip2 makes of a file, by the program.
std::string stock_decompress(const Bytes& compressed) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/data.bz2";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(compressed.data()),
             static_cast<std::streamsize>(compressed.size()));
  const auto result = test::run({"bzip2", "-dc", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

/// Text with runs of every length, also longer than one run code takes, so that blocks grow and
/// shrink.
std::string text_with_runs(std::size_t size, unsigned seed, unsigned longest_run) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    text.append(1 + random() % longest_run, static_cast<char>('a' + random() % 20));
  }
  text.resize(size);
  return text;
}

TEST(Bzip2Block, StockProgramReadsOneStreamOfManyBlocks) {
  const std::string text = text_with_runs(5'000'000, 1, 6);
  const Bytes compressed = compress_all(as_bytes(text));
  EXPECT_TRUE(stock_decompress(compressed) == text);
  // One stream: a second header would begin at a byte with "BZh9" and a block's magic number.
  const std::string_view all = as_text(compressed);
  EXPECT_EQ(all.substr(0, 10), "BZh91AY&SY");
  EXPECT_EQ(all.find("BZh91AY&SY", 1), std::string_view::npos);
}

TEST(Bzip2Block, StockProgramReadsAnEmptyStream) {
  const Bytes compressed = compress_all({});
  EXPECT_EQ(compressed.size(), 14u);
  EXPECT_EQ(stock_decompress(compressed), "");
}

TEST(Bzip2Block, RunsOfEveryLengthFitTheirBlock) {
  // Runs of exactly four grow by a quarter: the worst input for the size of a block.
  std::string worst;
  while (worst.size() < 2'000'000) {
    worst += "aaaabbbb";
  }
  EXPECT_LT(bzip2_block_length(as_bytes(worst)), 720'100u);
  EXPECT_GT(bzip2_block_length(as_bytes(worst)), 719'000u);
  EXPECT_TRUE(stock_decompress(compress_all(as_bytes(worst))) == worst);
  for (const unsigned longest : {1u, 3u, 4u, 5u, 8u, 255u, 256u, 300u, 2000u}) {
    const std::string text = text_with_runs(2'500'000, longest, longest);
    EXPECT_TRUE(stock_decompress(compress_all(as_bytes(text))) == text) << longest;
  }
}

TEST(Bzip2Block, TakesTheWholeInputWhereNothingGrows) {
  const std::string zeros(3'000'000, '\0');
  EXPECT_EQ(bzip2_block_length(as_bytes(zeros)), kBzip2BlockInput);
  EXPECT_TRUE(stock_decompress(compress_all(as_bytes(zeros))) == zeros);
  EXPECT_EQ(bzip2_block_length(as_bytes("abc")), 3u);
  EXPECT_EQ(bzip2_block_length({}), 0u);
}

TEST(Bzip2Block, EveryShortLengthIsReadBack) {
  std::mt19937 random(7);
  for (std::size_t size = 1; size < 300; ++size) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>(random());
    Bzip2Decoder decoder;
    const Bytes compressed = compress_all(as_bytes(text));
    ByteSource source(compressed);
    TransformSource plain(source, decoder);
    EXPECT_EQ(as_text(read_all(plain, kMiB, "test")), text) << size;
  }
}

}  // namespace
}  // namespace pgseal::compress
