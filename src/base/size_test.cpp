#include "base/size.h"

#include <gtest/gtest.h>

namespace pgseal {
namespace {

TEST(Size, ReadsTheSyntaxOfPv) {
  EXPECT_EQ(parse_size("65536"), 65536u);
  EXPECT_EQ(parse_size("500k"), 500u * 1024);
  EXPECT_EQ(parse_size("500K"), 500u * 1024);
  EXPECT_EQ(parse_size("10M"), 10u * 1024 * 1024);
  EXPECT_EQ(parse_size("1.5G"), 3ull * 512 * 1024 * 1024);
  EXPECT_EQ(parse_size("2t"), 2ull << 40);
  EXPECT_EQ(parse_size("0.5k"), 512u);
}

TEST(Size, RejectsAnythingElse) {
  for (const char* text : {"", "M", "-1", "0", "0.1", "10MB", "10 M", "1e3", "ten", "10X", "nan",
                           "inf", "9999999T", "1,5G", "0x10", "+5"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Size, IsShownInUnitsOf1024) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(format_size(5ull << 40), "5.0 TiB");
}

}  // namespace
}  // namespace pgseal
