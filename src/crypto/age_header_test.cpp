#include "crypto/age_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::crypto {
namespace {

constexpr std::string_view kVersion = "age-encryption.org/v1\n";
constexpr std::string_view kEnd = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
const std::string kLine64(64, 'A');

std::string with_stanzas(const std::string& stanzas) {
  return std::string(kVersion).append(stanzas).append(kEnd);
}

void expect_refused(const std::string& text) {
  try {
    (void)AgeHeader::parse(as_bytes(text));
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification) << error.message();
  }
}

TEST(AgeHeader, ReadsStanzasAndWhereThePayloadBegins) {
  const std::string text =
      with_stanzas("-> X25519 abc !~\nAAAA\n-> empty\n\n-> full x\n" + kLine64 + "\n\n");
  const auto header = AgeHeader::parse(as_bytes(text + "payload\n---"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->size, text.size());
  EXPECT_EQ(header->mac, Bytes(32));
  EXPECT_EQ(header->signed_text, text.substr(0, text.rfind("--- ") + 3));
  EXPECT_EQ(header->stanzas,
            (std::vector<AgeStanza>{
                {{"X25519", "abc", "!~"}, Bytes(3)}, {{"empty"}, {}}, {{"full", "x"}, Bytes(48)}}));
}

TEST(AgeHeader, WantsMoreUntilItIsWhole) {
  const std::string text = with_stanzas("-> X25519 abc\nAAAA\n");
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(AgeHeader::parse(as_bytes(text).first(size))) << size;
  }
}

TEST(AgeHeader, WritesWhatItReads) {
  const Secret file_key("0123456789abcdef");
  for (std::size_t size : {0, 1, 2, 3, 32, 47, 48, 49, 95, 96, 97, 500}) {
    const std::vector<AgeStanza> stanzas{{{"a", "b"}, Bytes(size, std::byte{0xfe})}, {{"c"}, {}}};
    const std::string text = format_age_header(stanzas, file_key);
    const auto header = AgeHeader::parse(as_bytes(text));
    ASSERT_TRUE(header) << text;
    EXPECT_EQ(header->stanzas, stanzas);
    EXPECT_EQ(header->size, text.size());
    EXPECT_NO_THROW(header->authenticate(file_key));
    EXPECT_THROW(header->authenticate(Secret("0123456789abcdeF")), Error);
  }
}

TEST(AgeHeader, RefusesAnotherVersionByName) {
  try {
    (void)AgeHeader::parse(as_bytes("age-encryption.org/v2\n-> X\n\n"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr("version \"v2\""));
  }
  expect_refused("age-encryption.org/v1\r\n");
  expect_refused("age-encryption.org/v1 \n");
  expect_refused("age-encryption.org/v10\n");
}

TEST(AgeHeader, SaysThatArmorIsNotBinary) {
  try {
    (void)AgeHeader::parse(as_bytes("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), testing::HasSubstr("armored"));
  }
}

TEST(AgeHeader, RefusesMalformedStanzas) {
  for (const char* stanzas : {
           "",                // none
           "->X25519 a\n\n",  // no space
           "- > X25519 a\n\n",
           "X25519 a\n\n",
           "-> \n\n",  // no argument
           "->\n\n",
           "->  a\n\n",  // an empty one
           "-> a  b\n\n",
           "-> a \n\n",
           "-> a\tb\n\n",  // forbidden characters
           "-> a\r\n\n",
           "-> \xc3\xa9\n\n",
           "-> a\x7f\n\n",
           "-> a\n",              // no body
           "-> a\nAAAA\nAAAA\n",  // two short lines
           "-> a\nAAAA=\n",       // padding
           "-> a\nAA==\n",
           "-> a\nA\n",   // not whole bytes
           "-> a\nAB\n",  // unused bits
           "-> a\nAAAA\r\n",
           "-> a\n AAAA\n",
           "\n-> a\n\n",  // an empty line
       }) {
    expect_refused(with_stanzas(stanzas));
  }
  expect_refused(with_stanzas("-> a\n" + kLine64 + "\n"));  // no short line
  expect_refused(with_stanzas("-> a\n" + kLine64 + "A\n\n"));
  expect_refused(with_stanzas("-> a\n" + kLine64 + "AAAA\n\n"));
}

TEST(AgeHeader, RefusesAMalformedMac) {
  const std::string begin = std::string(kVersion) + "-> a\n\n";
  for (const char* end : {
           "---\n",
           "--- \n",
           "---AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
           "---  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
           "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
           "---- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
       }) {
    expect_refused(begin + end);
  }
}

TEST(AgeHeader, StopsReadingAtItsLimit) {
  std::string text(kVersion);
  while (text.size() < AgeHeader::kMaxSize - 100) text += "-> a\n\n";
  EXPECT_TRUE(AgeHeader::parse(as_bytes(text + std::string(kEnd))));
  while (text.size() < AgeHeader::kMaxSize) text += "-> a\n\n";
  expect_refused(text);
  expect_refused(text + std::string(kEnd));
}

}  // namespace
}  // namespace pgseal::crypto
