#include "backupset/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/command.h"
#include "support/requirement.h"
#include "support/store_conformance.h"

namespace pgseal::backupset {
namespace {

RowsFingerprint of_rows(const std::vector<std::string>& rows) {
  RowsFingerprint all;
  for (const std::string& row : rows) all.add(as_bytes(row));
  return all;
}

std::string content_of(ByteView bytes, std::size_t step) {
  ContentFingerprint fingerprint;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    fingerprint.add(bytes.subspan(at, std::min(step, bytes.size() - at)));
  }
  return fingerprint.finish();
}

std::string xxhsum(std::string_view bytes) {
  test::CommandOptions options;
  options.input = std::string(bytes);
  return test::run_ok({"xxhsum", "-H2", "-"}, options).substr(0, 32);
}

// The lengths at which XXH3 takes another way.
const std::vector<std::size_t>& lengths() {
  static const std::vector<std::size_t> kLengths{0,   1,   3,   4,   8,   9,    16,   17,
                                                 128, 129, 240, 241, 512, 1024, 1025, 100'000};
  return kLengths;
}

TEST(RowsFingerprint, OfOneRowIsWhatXxhsumComputes) {
  PGSEAL_SKIP_BECAUSE(test::have_program("xxhsum") ? "" : "xxhsum is not installed");
  for (const std::size_t length : lengths()) {
    const std::string row(as_text(test::noise(length)));
    EXPECT_EQ(of_rows({row}).hex(), xxhsum(row)) << length;
  }
}

TEST(ContentFingerprint, IsWhatXxhsumComputesWhateverTheSteps) {
  PGSEAL_SKIP_BECAUSE(test::have_program("xxhsum") ? "" : "xxhsum is not installed");
  for (const std::size_t length : lengths()) {
    const Bytes bytes = test::noise(length);
    const std::string expected = xxhsum(as_text(bytes));
    for (const std::size_t step : {1u, 7u, 256u, 100'000u}) {
      EXPECT_EQ(content_of(bytes, step), expected) << length << " by " << step;
    }
  }
}

TEST(ContentFingerprint, StartsAnewAfterItsEnd) {
  ContentFingerprint fingerprint;
  fingerprint.add(as_bytes("abc"));
  EXPECT_EQ(fingerprint.finish(), "06b05ab6733a618578af5f94892f3950");
  fingerprint.add(as_bytes("abc"));
  EXPECT_EQ(fingerprint.finish(), "06b05ab6733a618578af5f94892f3950");
}

TEST(RowsFingerprint, IsTheSumOfTheRowsHashes) {
  PGSEAL_SKIP_BECAUSE(test::have_program("xxhsum") ? "" : "xxhsum is not installed");
  const auto result = test::sh(R"sh(
    i=0; args=
    while [ $i -lt 50 ]; do
      args="$args $(printf 'row\t%d' $i | xxhsum -H2 - | cut -c1-32)"
      i=$((i + 1))
    done
    /usr/bin/python3 -c '
import sys
print("%032x" % (sum(int(h, 16) for h in sys.argv[1:]) % 2**128))' $args)sh");
  ASSERT_TRUE(result.ok()) << result.describe();
  std::vector<std::string> rows;
  for (int i = 0; i < 50; ++i) rows.push_back("row\t" + std::to_string(i));
  EXPECT_EQ(of_rows(rows).hex() + "\n", result.out);
  EXPECT_EQ(of_rows(rows).rows(), 50u);
}

TEST(RowsFingerprint, IsTheSameInAnyOrderAndInAnyParts) {
  std::vector<std::string> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back(std::to_string(i % 700));
  const RowsFingerprint all = of_rows(rows);
  std::shuffle(rows.begin(), rows.end(), std::minstd_rand(3));
  EXPECT_EQ(of_rows(rows), all);
  RowsFingerprint parts = of_rows({rows.begin(), rows.begin() + 123});
  parts.add(of_rows({rows.begin() + 123, rows.end()}));
  EXPECT_EQ(parts, all);
}

TEST(RowsFingerprint, TellsOtherRowsApart) {
  const RowsFingerprint rows = of_rows({"a", "b"});
  for (const auto& other : std::vector<std::vector<std::string>>{
           {}, {"a"}, {"a", "a"}, {"b", "b"}, {"a", "b", "b"}, {"a", "B"}, {"ab", ""}}) {
    EXPECT_NE(of_rows(other), rows) << other.size();
  }
  EXPECT_NE(of_rows({""}), of_rows({})) << "a row of a table without columns";
}

TEST(RowsFingerprint, CarriesIntoItsUpperHalf) {
  const auto most = RowsFingerprint::from(1, "000000000000000fffffffffffffffff");
  const auto one = RowsFingerprint::from(2, "00000000000000000000000000000001");
  ASSERT_TRUE(most && one);
  RowsFingerprint sum = *most;
  sum.add(*one);
  EXPECT_EQ(sum.hex(), "00000000000000100000000000000000");
  EXPECT_EQ(sum.rows(), 3u);
  RowsFingerprint doubled = *most;
  doubled.add(doubled);
  EXPECT_EQ(doubled.hex(), "000000000000001ffffffffffffffffe");
  auto over = RowsFingerprint::from(1, "ffffffffffffffffffffffffffffffff");
  over->add(*one);
  EXPECT_EQ(over->hex(), "00000000000000000000000000000000");
}

TEST(RowsFingerprint, IsReadBackFromItsDigits) {
  const RowsFingerprint rows = of_rows({"a", "b", "c"});
  EXPECT_EQ(RowsFingerprint::from(rows.rows(), rows.hex()), rows);
  EXPECT_EQ(RowsFingerprint::from(0, std::string(32, '0')), RowsFingerprint());
  for (const std::string& hex :
       {std::string(), std::string(31, '0'), std::string(33, '0'), std::string(31, '0') + "A",
        std::string(31, '0') + "g", " " + std::string(31, '0'), "0x" + std::string(30, '0')}) {
    EXPECT_FALSE(RowsFingerprint::from(1, hex)) << hex;
    EXPECT_FALSE(ContentFingerprint::is_hex(hex)) << hex;
  }
  EXPECT_FALSE(RowsFingerprint::from(0, rows.hex())) << "no rows have no sum";
}

}  // namespace
}  // namespace pgseal::backupset
