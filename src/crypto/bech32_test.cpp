#include "crypto/bech32.h"

#include <gtest/gtest.h>

#include <string>

namespace pgseal::crypto {
namespace {

// C2SP age, "The X25519 recipient type": an identity of 32 bytes 0x42 and its recipient.
constexpr const char* kIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
constexpr const char* kRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

TEST(Bech32, ReadsAndWritesTheKeysOfAgesSpecification) {
  const auto identity = parse_bech32(kIdentity);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->prefix, "AGE-SECRET-KEY-");
  EXPECT_EQ(identity->bytes, Bytes(32, std::byte{0x42}));
  const auto recipient = parse_bech32(kRecipient);
  ASSERT_TRUE(recipient);
  EXPECT_EQ(recipient->prefix, "age");
  EXPECT_EQ(format_bech32("age", recipient->bytes), kRecipient);
}

TEST(Bech32, AcceptsTheValidTextsOfBip173ThatAreWholeBytes) {
  EXPECT_TRUE(parse_bech32("A12UEL5L"));
  EXPECT_TRUE(parse_bech32("a12uel5l"));
  EXPECT_TRUE(
      parse_bech32("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharacter"
                   "sbio1tt5tgs"));
  EXPECT_TRUE(parse_bech32("?1ezyfcl"));
}

TEST(Bech32, RefusesTheInvalidTextsOfBip173) {
  for (const char* text : {"\x20"
                           "1nwldj5",
                           "\x7f"
                           "1axkwrx",
                           "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8",
                           "10a06t8", "1qzzfhee", "a12UEL5L", ""}) {
    EXPECT_FALSE(parse_bech32(text)) << text;
  }
}

TEST(Bech32, NoticesEveryChangedCharacter) {
  for (std::size_t at = 0; at < std::string(kRecipient).size(); ++at) {
    std::string text = kRecipient;
    text[at] = text[at] == 'q' ? 'p' : 'q';
    EXPECT_FALSE(parse_bech32(text)) << text;
  }
}

TEST(Bech32, ReadsBackEveryLength) {
  for (std::size_t size = 0; size < 100; ++size) {
    const Bytes bytes(size, std::byte{0xa5});
    const auto parsed = parse_bech32(format_bech32("prefix", bytes));
    ASSERT_TRUE(parsed) << size;
    EXPECT_EQ(parsed->bytes, bytes);
  }
}

}  // namespace
}  // namespace pgseal::crypto
