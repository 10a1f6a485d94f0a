#include "compress/zstd.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "support/command.h"
#include "support/transform_matrix.h"

namespace pgseal::compress {
namespace {

/// The stock program.
std::string zstd(const std::vector<std::string>& options, ByteView input) {
  std::vector<std::string> command{"zstd", "-q", "-c"};
  command.insert(command.end(), options.begin(), options.end());
  test::CommandOptions run_options;
  run_options.input = as_text(input);
  return test::run_ok(command, run_options);
}

Bytes encode(std::string_view text, int level = 1) {
  ZstdEncoder encoder(level);
  return test::drive(encoder, as_bytes(text), 100'000, 100'000);
}

Bytes decode(ByteView compressed) {
  ZstdDecoder decoder;
  return test::drive(decoder, compressed, 100'000, 100'000);
}

void expect_refused(ByteView compressed, const std::string& what) {
  try {
    const Bytes text = decode(compressed);
    ADD_FAILURE() << what << " was decoded to " << text.size() << " bytes";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification) << what;
  }
}

/// Lengths around what a block of a frame holds, 128 KiB.
const std::vector<std::size_t> kLengths{0, 1, 2, 131'071, 131'072, 131'073, 1'000'000};

TEST(ZstdEncoder, StockProgramReadsEveryLengthAtEveryLevel) {
  for (const std::size_t size : kLengths) {
    const std::string text = test::sample_text(size);
    for (const int level : {kMinZstdLevel, 3, 9, kMaxZstdLevel}) {
      EXPECT_TRUE(zstd({"-d"}, encode(text, level)) == text) << size << " at level " << level;
    }
  }
}

TEST(ZstdEncoder, WritesAChecksumOfTheContent) {
  const Bytes compressed = encode("text");
  // RFC 8878, 3.1.1.1.1: bit 2 of the frame header's descriptor.
  EXPECT_NE(compressed.at(4) & std::byte{4}, std::byte{0});
}

TEST(ZstdEncoder, WorksInAnySteps) {
  for (const std::size_t size : {0, 1, 500, 20'000}) {
    const std::string text = test::sample_text(size);
    for (const std::size_t in_step : test::steps()) {
      for (const std::size_t out_step : test::steps()) {
        ZstdEncoder encoder(1);
        const Bytes compressed = test::drive(encoder, as_bytes(text), in_step, out_step);
        EXPECT_EQ(as_text(decode(compressed)), text) << size << " " << in_step << " " << out_step;
      }
    }
  }
}

TEST(ZstdEncoder, MakesOneFrameAfterTheOther) {
  const std::vector<std::string> texts{test::sample_text(300'000), "", "second", "", "x"};
  for (const std::size_t step : {1, 7, 1000, 100'000}) {
    ZstdEncoder encoder(1);
    Bytes all;
    std::string joined;
    for (const std::string& text : texts) {
      const Bytes frame = test::drive(encoder, as_bytes(text), 100'000, step);
      EXPECT_TRUE(zstd({"-d"}, frame) == text) << step;
      all.insert(all.end(), frame.begin(), frame.end());
      joined += text;
    }
    EXPECT_TRUE(zstd({"-d"}, all) == joined) << step;
    EXPECT_TRUE(as_text(decode(all)) == joined) << step;
  }
}

TEST(ZstdEncoder, KeepsWithinItsBoundWhereNothingCanBeSaved) {
  std::mt19937 random(1);
  for (const std::size_t size : kLengths) {
    std::string noise(size, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    for (const int level : {kMinZstdLevel, kMaxZstdLevel}) {
      EXPECT_LE(encode(noise, level).size(), zstd_bound(size)) << size << " at level " << level;
    }
  }
}

TEST(ZstdEncoder, RejectsLevelsThatTheProgramHasNot) {
  for (const int level : {-5, 0, 20}) {
    try {
      ZstdEncoder encoder(level);
      ADD_FAILURE() << level;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
    }
  }
}

TEST(ZstdDecoder, ReadsWhatTheStockProgramWrote) {
  for (const std::size_t size : kLengths) {
    const std::string text = test::sample_text(size);
    for (const char* level : {"-1", "-19", "--no-check"}) {
      EXPECT_TRUE(as_text(decode(as_bytes(zstd({level}, as_bytes(text))))) == text)
          << size << " " << level;
    }
  }
}

TEST(ZstdDecoder, ReadsInAnySteps) {
  const std::string text = test::sample_text(20'000) + std::string(20'000, 'z');
  const std::string compressed = zstd({}, as_bytes(text)) + zstd({}, as_bytes("more"));
  for (const std::size_t in_step : test::steps()) {
    for (const std::size_t out_step : test::steps()) {
      ZstdDecoder decoder;
      EXPECT_TRUE(as_text(test::drive(decoder, as_bytes(compressed), in_step, out_step)) ==
                  text + "more")
          << in_step << " " << out_step;
    }
  }
}

TEST(ZstdDecoder, RejectsEveryTruncation) {
  const Bytes compressed = encode(test::sample_text(500) + std::string(500, 'z'));
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    expect_refused(ByteView(compressed).first(size), std::to_string(size) + " bytes");
  }
}

TEST(ZstdDecoder, RejectsFlippedBitsOrReadsTheSameText) {
  const std::string text = test::sample_text(500) + std::string(500, 'z');
  const Bytes compressed = encode(text);
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < 8 * compressed.size(); ++bit) {
    Bytes damaged = compressed;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    ZstdDecoder decoder;
    try {
      // A flipped bit may lie where it means nothing: the window's size, the padding of a table.
      EXPECT_EQ(as_text(test::drive(decoder, damaged, 1000, 1000)), text) << bit;
      ++unnoticed;
      EXPECT_LT(bit / 8, compressed.size() - 4) << "a changed checksum";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification) << bit;
    }
  }
  EXPECT_LT(unnoticed, compressed.size() * 8 / 50);
}

TEST(ZstdDecoder, RejectsBytesBehindTheFrame) {
  Bytes compressed = encode("text");
  for (const std::byte b : as_bytes("garbage")) compressed.push_back(b);
  expect_refused(compressed, "a frame with bytes behind it");
}

TEST(ZstdDecoder, RejectsWhatIsNoFrame) { expect_refused(as_bytes("plain text"), "plain text"); }

TEST(ZstdDecoder, RejectsAWindowOfMoreThan128MiB) {
  const std::string text = test::sample_text(1000);
  EXPECT_TRUE(as_text(decode(as_bytes(zstd({"--long=27"}, as_bytes(text))))) == text);
  // Magic number, descriptor without a size, window of 2^28 bytes, an empty last block.
  Bytes frame = to_bytes("\x28\xB5\x2F\xFD");
  for (const int b : {0x00, (28 - 10) << 3, 0x01, 0x00, 0x00}) frame.push_back(std::byte(b));
  expect_refused(frame, "a window of 256 MiB");
  frame[5] = std::byte((27 - 10) << 3);
  EXPECT_TRUE(decode(frame).empty());
}

}  // namespace
}  // namespace pgseal::compress
