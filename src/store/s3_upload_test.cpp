#include "store/s3_upload.h"

#include <gtest/gtest.h>

namespace pgseal::store {
namespace {

TEST(NextPartSize, IsEightMebibytesUpToTenGibibytes) {
  EXPECT_EQ(next_part_size(0), 8 * kMiB);
  EXPECT_EQ(next_part_size(10 * kGiB), 8 * kMiB);
  EXPECT_EQ(next_part_size(10 * kGiB + 1), 9 * kMiB);
  EXPECT_EQ(next_part_size(100 * kGiB), 80 * kMiB);
  EXPECT_EQ(next_part_size(kMaxObjectSize), 2 * kGiB);
}

TEST(NextPartSize, LetsTheLargestObjectFitIntoS3sLimits) {
  std::uint64_t uploaded = 0;
  int parts = 0;
  for (; uploaded < kMaxObjectSize; ++parts) {
    const std::uint64_t size = next_part_size(uploaded);
    ASSERT_LE(size, kMaxPartSize);
    ASSERT_EQ(size % kMiB, 0u);
    uploaded += size;
  }
  EXPECT_LE(parts, kMaxParts);
}

TEST(LargestObject, IsOfTenThousandPartsWhereTheyDoNotGrow) {
  EXPECT_EQ(largest_object(0), kMaxObjectSize);
  EXPECT_EQ(largest_object(5 * kMiB), 50'000 * kMiB);
  EXPECT_EQ(largest_object(kMaxPartSize), kMaxObjectSize);
}

TEST(PartsInFlight, KeepMemoryToItsFormula) {
  EXPECT_EQ(parts_in_flight(8 * kMiB), 4);
  EXPECT_EQ(parts_in_flight(16 * kMiB), 4);
  EXPECT_EQ(parts_in_flight(17 * kMiB), 3);
  EXPECT_EQ(parts_in_flight(32 * kMiB), 2);
  EXPECT_EQ(parts_in_flight(33 * kMiB), 1);
  EXPECT_EQ(parts_in_flight(2 * kGiB), 1);
  const auto memory = [](std::uint64_t uploaded) {
    const std::uint64_t size = next_part_size(uploaded);
    return (static_cast<std::uint64_t>(parts_in_flight(size)) + 1) * size;
  };
  EXPECT_EQ(memory(10 * kGiB), 40 * kMiB);
  for (std::uint64_t gib = 0; gib < 80; ++gib) EXPECT_LE(memory(gib * kGiB), 130 * kMiB) << gib;
  EXPECT_EQ(memory(100 * kGiB), 160 * kMiB);
  EXPECT_EQ(memory(1024 * kGiB), 1640 * kMiB);
}

}  // namespace
}  // namespace pgseal::store
