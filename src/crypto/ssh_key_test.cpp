#include "crypto/ssh_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "support/age_program.h"
#include "support/temp_dir.h"

namespace pgseal::crypto {
namespace {

using testing::HasSubstr;

RsaPrivateKey::AskPassphrase say(const std::string& phrase) {
  return [phrase] { return std::optional<Secret>(Secret(phrase)); };
}

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    return error.message();
  }
  return "";
}

/// The public key of a private one, as a recipient's line.
std::string public_line(const SshPrivateKey& key) {
  SshPublicKey public_key;
  if (const auto* ed25519 = std::get_if<Ed25519PrivateKey>(&key)) {
    public_key = Ed25519PublicKey{ed25519_public_key(ed25519->seed)};
  } else {
    public_key = std::get<RsaPrivateKey>(key).public_key();
  }
  return ssh_type(public_key) + " " + to_base64(ssh_wire(public_key));
}

TEST(SshKey, ReadsPublicKeysOfSshKeygenAndWritesThemAgain) {
  const test::TempDir dir;
  for (const char* type : {"ed25519", "rsa"}) {
    const test::AgeKey made = test::make_ssh_key(dir.path(), type);
    for (const char* comment : {"", " a comment", "\ta comment"}) {
      const SshPublicKey key = parse_ssh_public_key(made.recipient + comment);
      EXPECT_EQ(ssh_type(key) + " " + to_base64(ssh_wire(key)), made.recipient);
    }
  }
}

TEST(SshKey, ReadsPrivateKeysOfSshKeygen) {
  for (const char* passphrase : {"", "secret"}) {
    const test::TempDir dir;
    for (const char* type : {"ed25519", "rsa"}) {
      const test::AgeKey made = test::make_ssh_key(dir.path(), type, passphrase);
      const std::string text = test::read_text(made.identity_file);
      EXPECT_TRUE(is_ssh_private_key(text));
      EXPECT_EQ(public_line(parse_ssh_private_key(text, say("secret"))), made.recipient);
    }
  }
}

TEST(SshKey, ReadsKeysProtectedWithEveryCipherAndAnyRounds) {
  for (const char* cipher :
       {"aes256-ctr", "aes192-ctr", "aes128-ctr", "aes256-cbc", "aes192-cbc", "aes128-cbc"}) {
    const test::TempDir dir;
    const test::AgeKey made = test::make_ssh_key(dir.path(), "ed25519");
    (void)test::run_ok({"ssh-keygen", "-q", "-p", "-a", "3", "-Z", cipher, "-P", "", "-N", "secret",
                        "-f", made.identity_file});
    const std::string text = test::read_text(made.identity_file);
    EXPECT_EQ(public_line(parse_ssh_private_key(text, say("secret"))), made.recipient) << cipher;
  }
}

TEST(SshKey, NamesTheWayOutOfAProtectionThatItDoesNotKnow) {
  const test::TempDir dir;
  const test::AgeKey made = test::make_ssh_key(dir.path(), "ed25519");
  (void)test::run_ok({"ssh-keygen", "-q", "-p", "-Z", "chacha20-poly1305@openssh.com", "-P", "",
                      "-N", "secret", "-f", made.identity_file});
  try {
    (void)parse_ssh_private_key(test::read_text(made.identity_file), say("secret"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    EXPECT_THAT(error.hint(), HasSubstr("ssh-keygen -p -Z aes256-ctr"));
  }
}

TEST(SshKey, TellsAWrongPassphraseFromNone) {
  const test::TempDir dir;
  const std::string text =
      test::read_text(test::make_ssh_key(dir.path(), "ed25519", "secret").identity_file);
  EXPECT_THAT(failure([&] { (void)parse_ssh_private_key(text, say("wrong")); }),
              HasSubstr("wrong pass phrase"));
  EXPECT_THAT(failure([&] { (void)parse_ssh_private_key(text, {}); }),
              HasSubstr("needs a pass phrase"));
  EXPECT_THAT(failure([&] { (void)parse_ssh_private_key(text, [] { return std::nullopt; }); }),
              HasSubstr("needs a pass phrase"));
}

TEST(SshKey, RefusesOtherKindsByName) {
  const test::TempDir dir;
  const test::AgeKey made = test::make_ssh_key(dir.path(), "ecdsa");
  EXPECT_THAT(failure([&] { (void)parse_ssh_public_key(made.recipient); }),
              HasSubstr("ecdsa-sha2-nistp256"));
  const std::string text = test::read_text(made.identity_file);
  EXPECT_THAT(failure([&] { (void)parse_ssh_private_key(text, {}); }),
              HasSubstr("ecdsa-sha2-nistp256"));
}

TEST(SshKey, RefusesAShortRsaKey) {
  const test::TempDir dir;
  const std::string file = dir / "short";
  (void)test::run_ok({"ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", file});
  const std::string line = test::read_text(file + ".pub");
  EXPECT_THAT(failure([&] { (void)parse_ssh_public_key(line); }), HasSubstr("1024 bits"));
}

TEST(SshKey, RefusesDamagedPublicKeys) {
  const test::TempDir dir;
  const std::string ed25519 = test::make_ssh_key(dir.path(), "ed25519").recipient;
  const std::string rsa = test::make_ssh_key(dir.path(), "rsa").recipient;
  for (const std::string& line :
       {std::string(), std::string("ssh-rsa"), std::string("ssh-rsa "),
        std::string("ssh-ed25519 x"), "ssh-rsa" + ed25519.substr(ed25519.find(' ')),
        "ssh-ed25519" + rsa.substr(rsa.find(' ')), ed25519.substr(0, ed25519.size() - 4),
        ed25519 + "AAAA", rsa + "AAAA", rsa.substr(0, rsa.size() - 4),
        "ssh-ed25519  " + ed25519.substr(12)}) {
    EXPECT_NE(failure([&] { (void)parse_ssh_public_key(line); }), "") << line;
  }
  // A modulus with a zero too many at its front is the same number, but not the same key's hash.
  Bytes wire = ssh_wire(parse_ssh_public_key(rsa));
  const std::size_t modulus = 4 + 7 + 4 + 3;
  wire[modulus + 3] = static_cast<std::byte>(static_cast<unsigned>(wire[modulus + 3]) + 1);
  wire.insert(wire.begin() + modulus + 4, std::byte{});
  EXPECT_THAT(failure([&] { (void)parse_ssh_public_key("ssh-rsa " + to_base64(wire)); }),
              HasSubstr("shortest form"));
}

TEST(SshKey, RefusesADamagedPrivateKeyAtEveryByte) {
  const test::TempDir dir;
  const std::string text = test::read_text(test::make_ssh_key(dir.path(), "ed25519").identity_file);
  const std::string begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  const std::string end = "\n-----END OPENSSH PRIVATE KEY-----\n";
  std::string flat = text.substr(begin.size(), text.find("-----END") - begin.size());
  std::erase(flat, '\n');
  const Bytes good = from_base64(flat).value();
  const auto parse = [&](ByteView bytes) {
    const std::string whole = begin + to_base64(bytes) + end;
    (void)parse_ssh_private_key(whole, {});
  };
  ASSERT_NO_THROW(parse(good));
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    EXPECT_THROW(parse(ByteView(good).first(at)), Error) << at;
    Bytes bad = good;
    bad[at] ^= std::byte{0x40};
    try {
      parse(bad);
      ++accepted;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::key) << error.message();
    }
  }
  // Only names that mean nothing without a cipher, the public copy and the comment go unread.
  EXPECT_LT(accepted, good.size() / 2);
  EXPECT_THROW((void)parse_ssh_private_key(begin + flat, {}), Error);
}

}  // namespace
}  // namespace pgseal::crypto
