#include "crypto/age_stream.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

constexpr std::size_t kTag = ChaCha20Poly1305::kTagSize;
const Secret kKey(std::string(32, 'k'));

Bytes encrypt(std::string_view text, std::size_t in_step = kMiB, std::size_t out_step = kMiB) {
  AgeStream stream(kKey, AgeStream::Direction::encrypt);
  return test::drive(stream, as_bytes(text), in_step, out_step);
}

std::string decrypt(ByteView sealed, std::size_t in_step = kMiB, std::size_t out_step = kMiB) {
  AgeStream stream(kKey, AgeStream::Direction::decrypt);
  return std::string(as_text(test::drive(stream, sealed, in_step, out_step)));
}

/// Chunks that are sealed one by one, as no encryptor would.
struct Chunk {
  std::uint64_t index = 0;
  bool last = false;
  std::size_t size = 0;
};
Bytes seal(const std::vector<Chunk>& chunks) {
  AgeChunkCipher cipher(kKey);
  Bytes all;
  for (const Chunk& chunk : chunks) {
    Bytes sealed(chunk.size + kTag);
    cipher.seal(chunk.index, chunk.last, as_bytes(test::sample_text(chunk.size)), sealed);
    all.insert(all.end(), sealed.begin(), sealed.end());
  }
  return all;
}

void expect_refused(const std::vector<Chunk>& chunks) {
  const Bytes sealed = seal(chunks);
  for (const std::size_t step : {kMiB, std::size_t{1000}}) {
    try {
      (void)decrypt(sealed, step, step);
      ADD_FAILURE() << "accepted " << sealed.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification);
    }
  }
}

TEST(AgeStream, WorksInAnySteps) {
  for (const std::size_t size : {0, 1, 16, 17, 1000}) {
    const std::string text = test::sample_text(size);
    const Bytes sealed = encrypt(text);
    EXPECT_EQ(sealed.size(), size + kTag);
    for (const std::size_t in_step : test::steps()) {
      for (const std::size_t out_step : test::steps()) {
        EXPECT_EQ(encrypt(text, in_step, out_step), sealed)
            << size << " " << in_step << " " << out_step;
        EXPECT_EQ(decrypt(sealed, in_step, out_step), text)
            << size << " " << in_step << " " << out_step;
      }
    }
  }
}

TEST(AgeStream, WorksInAnyStepsAroundChunks) {
  const std::vector<std::pair<std::size_t, std::size_t>> steps{
      {1, kMiB},       {kMiB, 1},        {1000, 1000},     {65536, 65552},
      {65552, 65536},  {65537, 65551},   {65551, 65537},   {65553, 65553},
      {131072, 65552}, {262144, 262144}, {100'000, 65'551}};
  for (const std::size_t size : {65535, 65536, 65537, 131071, 131072, 131073, 200'000}) {
    const std::string text = test::sample_text(size);
    const Bytes sealed = encrypt(text);
    EXPECT_EQ(sealed.size(), size + (size + kAgeChunkSize - 1) / kAgeChunkSize * kTag);
    for (const auto& [in_step, out_step] : steps) {
      EXPECT_TRUE(encrypt(text, in_step, out_step) == sealed)
          << size << " " << in_step << " " << out_step;
      EXPECT_TRUE(decrypt(sealed, in_step, out_step) == text)
          << size << " " << in_step << " " << out_step;
    }
  }
}

TEST(AgeStream, AcceptsWhatTheSpecificationAllows) {
  EXPECT_EQ(decrypt(seal({{0, true, 0}})).size(), 0u);
  EXPECT_EQ(decrypt(seal({{0, true, kAgeChunkSize}})).size(), kAgeChunkSize);
  EXPECT_EQ(decrypt(seal({{0, false, kAgeChunkSize}, {1, true, 1}})).size(), kAgeChunkSize + 1);
  std::vector<Chunk> many;  // the counter's second byte is used
  for (std::uint64_t i = 0; i < 258; ++i)
    many.push_back({i, i == 257, i == 257 ? 7 : kAgeChunkSize});
  EXPECT_EQ(decrypt(seal(many)).size(), 257 * kAgeChunkSize + 7);
}

TEST(AgeStream, RefusesChunksThatAreNotInTheirPlace) {
  constexpr std::size_t kFull = kAgeChunkSize;
  expect_refused({});                                      // no chunk at all
  expect_refused({{0, false, 100}});                       // no last one
  expect_refused({{0, false, kFull}});                     //
  expect_refused({{0, false, kFull}, {1, false, kFull}});  //
  expect_refused({{0, true, kFull}, {1, true, 10}});       // two last ones
  expect_refused({{0, true, kFull}, {1, true, kFull}});    //
  expect_refused({{0, true, 10}, {1, true, 10}});          //
  expect_refused({{0, false, 10}, {1, true, 10}});         // a short one before the last
  expect_refused({{0, false, kFull}, {1, true, 0}});       // an empty last one
  expect_refused({{0, false, kFull}, {2, true, 10}});      // one is missing
  expect_refused({{1, false, kFull}, {2, true, 10}});      //
  expect_refused({{1, false, kFull}, {0, true, kFull}});   // swapped
  expect_refused({{0, false, kFull}, {0, false, kFull}, {1, true, 9}});  // twice
}

TEST(AgeStream, RefusesWhatFollowsAndEveryTruncation) {
  for (const std::size_t size : {0, 5, 65536, 65541}) {
    const Bytes sealed = encrypt(test::sample_text(size));
    Bytes longer = sealed;
    longer.push_back(std::byte{});
    EXPECT_THROW((void)decrypt(longer), Error) << size;
    const std::size_t step = size < 100 ? 1 : 997;
    for (std::size_t cut = 0; cut < sealed.size(); cut += step) {
      EXPECT_THROW((void)decrypt(ByteView(sealed).first(cut)), Error) << size << " " << cut;
    }
    if (size > kAgeChunkSize) {
      EXPECT_THROW((void)decrypt(ByteView(sealed).first(kAgeSealedChunkSize)), Error);
    }
  }
}

TEST(AgeStream, PutsNothingOutThatIsNotAuthentic) {
  Bytes sealed = encrypt(test::sample_text(3 * kAgeChunkSize));
  sealed[kAgeSealedChunkSize + 1000] ^= std::byte{1};
  AgeStream stream(kKey, AgeStream::Direction::decrypt);
  Bytes out(4 * kAgeChunkSize);
  EXPECT_THROW(stream.update(sealed, out), Error);
  // The bad chunk was opened straight into the output: it is wiped.
  const ByteView second = ByteView(out).subspan(kAgeChunkSize, kAgeChunkSize);
  EXPECT_EQ(Bytes(second.begin(), second.end()), Bytes(kAgeChunkSize));
}

}  // namespace
}  // namespace pgseal::crypto
