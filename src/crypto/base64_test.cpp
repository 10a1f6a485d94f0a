#include "crypto/base64.h"

#include <gtest/gtest.h>

namespace pgseal::crypto {
namespace {

TEST(Base64, ReadsTheValuesOfRfc4648) {
  EXPECT_EQ(from_base64(""), Bytes());
  EXPECT_EQ(from_base64("Zg=="), to_bytes("f"));
  EXPECT_EQ(from_base64("Zm8="), to_bytes("fo"));
  EXPECT_EQ(from_base64("Zm9vYmFy"), to_bytes("foobar"));
  EXPECT_EQ(from_base64_unpadded("Zg"), to_bytes("f"));
  EXPECT_EQ(from_base64_unpadded("Zm8"), to_bytes("fo"));
  EXPECT_EQ(from_base64_unpadded("Zm9v"), to_bytes("foo"));
}

TEST(Base64, ReadsBackEveryByteInEveryPlace) {
  for (int value = 0; value < 256; ++value) {
    for (std::size_t size = 1; size <= 4; ++size) {
      const Bytes bytes(size, static_cast<std::byte>(value));
      EXPECT_EQ(from_base64_unpadded(to_base64_unpadded(bytes)), bytes);
    }
  }
}

TEST(Base64, RefusesWhatIsNotTheOneTextOfItsValue) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==\n",
                           " Zg==", "Zm9v\nYmFy", "Zm-v", "Zm_v", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  for (const char* text : {"Z", "Zh", "Zm9", "Zg==", "Zm8=", "Zm9vY", "Zg\n", "Zm 8"}) {
    EXPECT_FALSE(from_base64_unpadded(text)) << text;
  }
}

}  // namespace
}  // namespace pgseal::crypto
