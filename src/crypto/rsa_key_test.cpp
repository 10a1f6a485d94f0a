#include "crypto/rsa_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "crypto/openssl_enc.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::crypto {
namespace {

/// Keys made by the stock program.
class RsaKey : public testing::Test {
 protected:
  static void shell(const std::string& script) {
    const auto result = test::sh(script);
    ASSERT_TRUE(result.ok()) << result.describe();
  }
  std::string make_private(const std::string& options, int bits = 2048) {
    shell("openssl genrsa " + options + " -out " + private_ + " " + std::to_string(bits));
    return read_file(private_);
  }
  std::string make_public(const std::string& form = "-pubout") {
    shell("openssl rsa -in " + private_ + " -passin pass:secret -outform PEM " + form + " -out " +
          public_);
    return read_file(public_);
  }
  static RsaPrivateKey::AskPassphrase say(std::optional<std::string> phrase) {
    return [phrase]() -> std::optional<Secret> {
      if (!phrase) return std::nullopt;
      return Secret(*phrase);
    };
  }
  static std::string failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::key);
      return error.message();
    }
    return "";
  }

  const test::TempDir dir_;
  const std::string private_ = dir_.path() + "/private_key.pem";
  const std::string public_ = dir_.path() + "/public_key.pem";
};

TEST_F(RsaKey, StockRsautlDecryptsWhatItEncrypts) {
  make_private("-des3 -passout pass:secret");
  const Secret secret = make_enc_secret();
  const Bytes encrypted = RsaPublicKey::from_pem(make_public()).encrypt(secret.reveal());
  test::CommandOptions options;
  options.input = as_text(encrypted);
  const auto result = test::run(
      {"openssl", "rsautl", "-decrypt", "-inkey", private_, "-passin", "pass:secret"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, secret.reveal());
}

TEST_F(RsaKey, DecryptsWhatStockRsautlEncrypts) {
  const std::string pem = make_private("-des3 -passout pass:secret");
  make_public();
  test::CommandOptions options;
  options.input = "the text\n";
  const auto encrypted =
      test::run({"openssl", "rsautl", "-encrypt", "-pubin", "-inkey", public_}, options);
  const RsaPrivateKey key = RsaPrivateKey::from_pem(pem, say("secret"));
  EXPECT_EQ(key.decrypt(as_bytes(encrypted.out)).reveal(), "the text\n");
}

TEST_F(RsaKey, ReadsBothFormsOfAPublicKey) {
  make_private("");
  const RsaPublicKey spki = RsaPublicKey::from_pem(make_public("-pubout"));
  const RsaPublicKey pkcs1 = RsaPublicKey::from_pem(make_public("-RSAPublicKey_out"));
  EXPECT_EQ(spki.bits(), 2048);
  EXPECT_EQ(spki.fingerprint(), pkcs1.fingerprint());
}

TEST_F(RsaKey, RejectsAPrivateKeyWhereAPublicOneBelongs) {
  const std::string plain = make_private("");
  EXPECT_THAT(failure([&] { (void)RsaPublicKey::from_pem(plain); }),
              testing::HasSubstr("it is a private key"));
  const std::string guarded = make_private("-des3 -passout pass:secret");
  EXPECT_THAT(failure([&] { (void)RsaPublicKey::from_pem(guarded); }),
              testing::HasSubstr("it is a private key"));
}

TEST_F(RsaKey, RejectsAShortKey) {
  make_private("", 1024);
  const std::string pem = make_public();
  EXPECT_THAT(failure([&] { (void)RsaPublicKey::from_pem(pem); }),
              testing::HasSubstr("1024 bits are too short"));
}

TEST_F(RsaKey, RejectsOtherKindsAndGarbage) {
  shell("openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out " + public_);
  EXPECT_THAT(failure([&] { (void)RsaPublicKey::from_pem(read_file(public_)); }),
              testing::HasSubstr("not an RSA key"));
  for (const char* text :
       {"", "garbage", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n"}) {
    EXPECT_THAT(failure([&] { (void)RsaPublicKey::from_pem(text); }),
                testing::HasSubstr("not a public key in PEM"))
        << text;
  }
}

TEST_F(RsaKey, TellsAWrongPassphraseFromNone) {
  const std::string pem = make_private("-des3 -passout pass:secret");
  EXPECT_THAT(failure([&] { (void)RsaPrivateKey::from_pem(pem, say("wrong")); }),
              testing::HasSubstr("wrong pass phrase"));
  EXPECT_THAT(failure([&] { (void)RsaPrivateKey::from_pem(pem, say(std::nullopt)); }),
              testing::HasSubstr("needs a pass phrase"));
  EXPECT_THAT(failure([&] { (void)RsaPrivateKey::from_pem("garbage", say("x")); }),
              testing::HasSubstr("not a private key in PEM"));
}

TEST_F(RsaKey, AnotherPrivateKeyNeverYieldsTheText) {
  make_private("");
  const RsaPublicKey key = RsaPublicKey::from_pem(make_public());
  const RsaPrivateKey other = RsaPrivateKey::from_pem(make_private(""), {});
  try {
    // OpenSSL may answer with random bytes on purpose (implicit rejection).
    EXPECT_NE(other.decrypt(key.encrypt("the text")).reveal(), "the text");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
  }
}

}  // namespace
}  // namespace pgseal::crypto
