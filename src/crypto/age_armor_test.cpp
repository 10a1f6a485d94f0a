#include "crypto/age_armor.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "crypto/age.h"
#include "support/age_program.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

const std::string kBegin = "-----BEGIN AGE ENCRYPTED FILE-----\n";
const std::string kEnd = "-----END AGE ENCRYPTED FILE-----\n";
const std::string kLine = std::string(64, 'A') + "\n";

std::string read_armor(std::string_view text) {
  AgeArmorReader reader;
  return std::string(as_text(test::drive(reader, as_bytes(text), 1000, 1000)));
}

void expect_refused(const std::string& text) {
  try {
    (void)read_armor(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification);
  }
}

TEST(AgeArmor, WorksInAnySteps) {
  for (const std::size_t size : {0, 1, 2, 3, 47, 48, 49, 96, 1000}) {
    const std::string text = test::sample_text(size);
    for (const std::size_t in_step : test::steps()) {
      for (const std::size_t out_step : test::steps()) {
        AgeArmorWriter writer;
        const Bytes armored = test::drive(writer, as_bytes(text), in_step, out_step);
        if (size == 0) continue;  // armor of nothing is none
        AgeArmorReader reader;
        EXPECT_EQ(as_text(test::drive(reader, armored, out_step, in_step)), text)
            << size << " " << in_step << " " << out_step;
      }
    }
  }
}

TEST(AgeArmor, IsThatOfTheStockProgramBothWays) {
  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  for (std::size_t size = 0; size < 50; size += 5) {
    const std::string text = test::sample_text(size);
    const std::string armored = test::age_encrypt({"-a", "-r", key.recipient}, text);
    ASSERT_TRUE(is_age_armor(as_bytes(armored)));
    const std::string binary = read_armor(armored);
    AgeArmorWriter writer;
    const Bytes again = test::drive(writer, as_bytes(binary), 1000, 1000);
    EXPECT_EQ(as_text(again), armored);
    if (size % 10 != 0) continue;
    const auto result = test::age_decrypt({"-i", key.identity_file}, as_text(again));
    EXPECT_EQ(result.out, text) << result.describe();
  }
}

TEST(AgeArmor, AllowsWhiteSpaceAroundAndEitherLineEnd) {
  const std::string three("\0\0\0", 3);
  EXPECT_EQ(read_armor(kBegin + "AAAA\n" + kEnd), three);
  EXPECT_EQ(read_armor("\n \t\n" + kBegin + "AAAA\n" + kEnd + "\n  \n "), three);
  EXPECT_EQ(read_armor(kBegin + "AAAA\n" + kEnd.substr(0, kEnd.size() - 1)), three);
  EXPECT_EQ(read_armor("-----BEGIN AGE ENCRYPTED FILE-----\r\nAAAA\r\n"
                       "-----END AGE ENCRYPTED FILE-----\r\n\r\n"),
            three);
  EXPECT_EQ(read_armor(kBegin + kLine + kEnd).size(), 48u);  // the last line may be full
  EXPECT_TRUE(is_age_armor(as_bytes(" \n" + kBegin)));
  EXPECT_FALSE(is_age_armor(as_bytes("age-encryption.org/v1\n")));
  EXPECT_FALSE(is_age_armor({}));
}

TEST(AgeArmor, RefusesEverythingElse) {
  const std::string body = "AAAA\n";
  for (const std::string& text : std::vector<std::string>{
           "", "\n\n", kBegin, kBegin + body, body,
           // Base64 that is none, or not canonical.
           kBegin + "A\n" + kEnd, kBegin + "AA\n" + kEnd, kBegin + "AB==\n" + kEnd,
           kBegin + "AA=\n=\n" + kEnd, kBegin + "AA-_\n" + kEnd,
           // Empty lines and spaces.
           kBegin + "\n" + body + kEnd, kBegin + body + "\n" + kEnd, kBegin + kLine + "\n" + kEnd,
           kBegin + "AAAA \n" + kEnd, kBegin + " AAAA\n" + kEnd, kBegin + "AAAA\rAAAA\n" + kEnd,
           " " + kBegin + body + kEnd, kBegin + body + " " + kEnd,
           // Lines of a wrong length.
           kBegin + "AAAA\nAAAA\n" + kEnd, kBegin + std::string(68, 'A') + "\n" + kEnd,
           // What PEM and PGP have besides.
           kBegin + "Comment: x\n\n" + body + kEnd, kBegin + body + "=AAAA\n" + kEnd,
           // Something around it.
           "x\n" + kBegin + body + kEnd, kBegin + body + kEnd + "x",
           kBegin + body + kEnd + kBegin + body + kEnd,
           std::string(2000, '\n') + kBegin + body + kEnd,
           kBegin + body + kEnd + std::string(2000, '\n'),
           kBegin + body + kEnd + std::string(2000, ' '),
           // Other marks.
           kBegin + body + "-----END AGE ENCRYPTED FILE----",
           kBegin + body + "-----END AGE ENCRYPTED FILES-----\n",
           "-----begin age encrypted file-----\nAAAA\n" + kEnd,
           "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    expect_refused(text);
  }
}

}  // namespace
}  // namespace pgseal::crypto
