#include "compress/bzip2_decoder.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/command.h"
#include "support/transform_matrix.h"

namespace pgseal::compress {
namespace {

/// By the stock program.
Bytes bzip2(const std::string& text) {
  test::CommandOptions options;
  options.input = text;
  return to_bytes(test::run({"bzip2", "-c"}, options).out);
}

TEST(Bzip2Decoder, ReadsInAnySteps) {
  const std::string text = test::sample_text(20'000);
  const Bytes compressed = bzip2(text);
  for (const std::size_t in_step : test::steps()) {
    for (const std::size_t out_step : test::steps()) {
      Bzip2Decoder decoder;
      EXPECT_TRUE(as_text(test::drive(decoder, compressed, in_step, out_step)) == text)
          << in_step << " " << out_step;
    }
  }
}

TEST(Bzip2Decoder, ReadsStreamsOneBehindTheOther) {
  Bytes both = bzip2("first ");
  for (const std::byte b : bzip2("second")) both.push_back(b);
  for (const std::size_t step : test::steps()) {
    Bzip2Decoder decoder;
    EXPECT_EQ(as_text(test::drive(decoder, both, step, 3)), "first second");
  }
}

TEST(Bzip2Decoder, ReadsAnEmptyStream) {
  Bzip2Decoder decoder;
  EXPECT_TRUE(test::drive(decoder, bzip2(""), 1, 1).empty());
}

TEST(Bzip2Decoder, RejectsEveryTruncation) {
  const Bytes compressed = bzip2(test::sample_text(500));
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    Bzip2Decoder decoder;
    EXPECT_THROW(test::drive(decoder, ByteView(compressed).first(size), 7, 100), Error) << size;
  }
}

TEST(Bzip2Decoder, RejectsFlippedBits) {
  const std::string text = test::sample_text(500);
  const Bytes compressed = bzip2(text);
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    Bytes damaged = compressed;
    damaged[i] ^= std::byte{0x10};
    Bzip2Decoder decoder;
    try {
      // A flipped bit may lie where it means nothing (the padding, the unused part of a table).
      EXPECT_EQ(as_text(test::drive(decoder, damaged, 1000, 1000)), text) << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification);
    }
  }
}

TEST(Bzip2Decoder, RejectsBytesBehindTheStream) {
  Bytes compressed = bzip2("text");
  for (const std::byte b : as_bytes("garbage")) compressed.push_back(b);
  Bzip2Decoder decoder;
  EXPECT_THROW(test::drive(decoder, compressed, 1000, 1000), Error);
}

}  // namespace
}  // namespace pgseal::compress
