#include "crypto/hash.h"

#include <gtest/gtest.h>

namespace pgseal::crypto {
namespace {

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST(Hash, Sha256IsThatOfFips180) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  hash.update(as_bytes("a"));
  hash.update({});
  hash.update(as_bytes("bc"));
  EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(hash.finish(), sha256({}));  // it starts anew
}

TEST(Hash, Md5IsThatOfRfc1321) {
  EXPECT_EQ(to_hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(md5(as_bytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Hash, HmacIsThatOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hash, HkdfIsThatOfRfc5869) {
  // Test case 1, the first 32 bytes; and test case 3, without salt and info.
  const Bytes secret(22, std::byte{0x0b});
  EXPECT_EQ(to_hex(hkdf_sha256(secret, from_hex("000102030405060708090a0b0c"),
                               from_hex("f0f1f2f3f4f5f6f7f8f9"))),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  EXPECT_EQ(to_hex(hkdf_sha256(secret, {}, {})),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Hash, Base64IsThatOfRfc4648) {
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Hash, ComparesInConstantTime) {
  EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sane")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sam")));
}

}  // namespace
}  // namespace pgseal::crypto
