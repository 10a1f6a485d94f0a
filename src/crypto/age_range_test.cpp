#include <gtest/gtest.h>

#include "base/error.h"
#include "crypto/age.h"
#include "crypto/age_stream.h"
#include "support/age_program.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

class AgeRange : public testing::Test {
 protected:
  [[nodiscard]] Bytes encrypt(std::string_view text) const {
    AgeEncryptor encryptor({identities_[0].recipient()});
    return test::drive(encryptor, as_bytes(text), kMiB, kMiB);
  }
  [[nodiscard]] AgeRangeReader open(ByteView file) const {
    const ByteView head = file.first(std::min(file.size(), AgeRangeReader::kHeadSize));
    auto reader = AgeRangeReader::open(head, file.size(), identities_);
    if (!reader) throw std::logic_error("the head is too small");
    return std::move(*reader);
  }
  static std::string read(const AgeRangeReader& reader, ByteView file, std::uint64_t offset,
                          std::uint64_t size) {
    const auto range = reader.encrypted_range(offset, size);
    return std::string(
        as_text(reader.decrypt(offset, size, file.subspan(range.offset, range.size))));
  }
  static void expect_refused(const std::function<void()>& action) {
    try {
      action();
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification) << error.message();
    }
  }

  const std::vector<AgeIdentity> identities_{AgeIdentity::generate()};
};

TEST_F(AgeRange, ReadsAnyRange) {
  const std::size_t c = kAgeChunkSize;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, c - 1, c, c + 1, 2 * c, 3 * c + 5}) {
    const std::string text = test::sample_text(size);
    const Bytes file = encrypt(text);
    const AgeRangeReader reader = open(file);
    ASSERT_EQ(reader.plaintext_size(), size);
    for (const std::size_t begin :
         {std::size_t{0}, std::size_t{1}, c - 1, c, c + 1, 2 * c, 3 * c}) {
      for (const std::size_t end : {std::size_t{0}, std::size_t{1}, c - 1, c, c + 1, 2 * c, size}) {
        if (begin > end || end > size) continue;
        EXPECT_TRUE(read(reader, file, begin, end - begin) == text.substr(begin, end - begin))
            << size << ": " << begin << " to " << end;
      }
    }
  }
}

TEST_F(AgeRange, NamesTheChunksThatHoldARange) {
  const Bytes file = encrypt(test::sample_text(3 * kAgeChunkSize));
  const AgeRangeReader reader = open(file);
  const std::uint64_t begin = reader.encrypted_range(0, 1).offset;
  EXPECT_EQ(begin + 3 * kAgeSealedChunkSize, file.size());
  const auto middle = reader.encrypted_range(kAgeChunkSize + 5, 10);
  EXPECT_EQ(middle.offset, begin + kAgeSealedChunkSize);
  EXPECT_EQ(middle.size, kAgeSealedChunkSize);
  const auto two = reader.encrypted_range(kAgeChunkSize - 1, 2);
  EXPECT_EQ(two.offset, begin);
  EXPECT_EQ(two.size, 2 * kAgeSealedChunkSize);
  EXPECT_EQ(reader.encrypted_range(10, 0).size, 0u);
}

TEST_F(AgeRange, ReadsWhatTheStockProgramWrote) {
  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  const std::string text = test::sample_text(200'000);
  const std::string file = test::age_encrypt({"-r", key.recipient}, text);
  const auto reader =
      AgeRangeReader::open(as_bytes(file).first(AgeRangeReader::kHeadSize), file.size(),
                           AgeIdentity::parse_file(test::read_text(key.identity_file), {}));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->plaintext_size(), text.size());
  EXPECT_EQ(read(*reader, as_bytes(file), 65'000, 100'000), text.substr(65'000, 100'000));
}

TEST_F(AgeRange, WantsAllOfALongHeader) {
  const std::vector<AgeRecipient> many(60, identities_[0].recipient());
  AgeEncryptor encryptor(many);
  const Bytes file = test::drive(encryptor, as_bytes("text"), kMiB, kMiB);
  ASSERT_GT(file.size(), AgeRangeReader::kHeadSize);
  EXPECT_FALSE(AgeRangeReader::open(ByteView(file).first(AgeRangeReader::kHeadSize), file.size(),
                                    identities_));
  const auto reader = AgeRangeReader::open(file, file.size(), identities_);
  ASSERT_TRUE(reader);
  EXPECT_EQ(read(*reader, file, 1, 2), "ex");
}

TEST_F(AgeRange, RefusesWhatIsNotWithin) {
  const Bytes file = encrypt(test::sample_text(100));
  const AgeRangeReader reader = open(file);
  expect_refused([&] { (void)reader.encrypted_range(0, 101); });
  expect_refused([&] { (void)reader.encrypted_range(101, 0); });
  expect_refused([&] { (void)reader.encrypted_range(50, ~std::uint64_t{0}); });
  expect_refused([&] { (void)reader.decrypt(0, 101, ByteView(file)); });
  expect_refused([&] { (void)reader.decrypt(0, 10, ByteView(file)); });
}

TEST_F(AgeRange, RefusesAFileCutAtAChunksEndWhereItsLastChunkIsRead) {
  const Bytes file = encrypt(test::sample_text(3 * kAgeChunkSize));
  const ByteView cut = ByteView(file).first(file.size() - kAgeSealedChunkSize);
  const AgeRangeReader reader = open(cut);
  EXPECT_EQ(reader.plaintext_size(), 2 * kAgeChunkSize);
  EXPECT_EQ(read(reader, cut, 0, kAgeChunkSize), test::sample_text(kAgeChunkSize));
  expect_refused([&] { (void)read(reader, cut, kAgeChunkSize, 1); });
}

TEST_F(AgeRange, RefusesEverySizeThatNoFileHas) {
  const Bytes file = encrypt(test::sample_text(kAgeChunkSize));
  const std::size_t head = file.size() - kAgeSealedChunkSize;
  for (std::size_t size = head; size < head + 16; ++size) {
    expect_refused([&] { (void)AgeRangeReader::open(file, size, identities_); });
  }
  for (std::size_t more = 1; more <= 16; ++more) {
    expect_refused([&] { (void)AgeRangeReader::open(file, file.size() + more, identities_); });
  }
  for (std::size_t size = 0; size < head; ++size) {
    expect_refused(
        [&] { (void)AgeRangeReader::open(ByteView(file).first(size), size, identities_); });
  }
}

TEST_F(AgeRange, RefusesChangedBytes) {
  Bytes file = encrypt(test::sample_text(kAgeChunkSize + 10));
  const AgeRangeReader reader = open(file);
  file.back() ^= std::byte{1};
  EXPECT_EQ(read(reader, file, 0, kAgeChunkSize), test::sample_text(kAgeChunkSize));
  expect_refused([&] { (void)read(reader, file, kAgeChunkSize, 10); });
  expect_refused([&] { (void)read(reader, file, 0, kAgeChunkSize + 1); });
}

}  // namespace
}  // namespace pgseal::crypto
