#include "crypto/age_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support/age_program.h"
#include "support/temp_dir.h"

namespace pgseal::crypto {
namespace {

using testing::HasSubstr;
using testing::Not;

// C2SP age, "The X25519 recipient type".
const std::string kIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const std::string kRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

AgeIdentity::AskPassphrase say(const std::string& phrase) {
  return [phrase] { return std::optional<Secret>(Secret(phrase)); };
}

/// The Error's message and hint.
std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key) << error.message();
    return error.message() + "\n" + error.hint();
  }
  return "";
}

TEST(AgeKeys, AreThoseOfTheSpecification) {
  const auto identities = AgeIdentity::parse_file(kIdentity, {});
  ASSERT_EQ(identities.size(), 1u);
  EXPECT_EQ(identities[0].recipient().text(), kRecipient);
  EXPECT_EQ(identities[0].secret_text().reveal(), kIdentity);
  EXPECT_EQ(AgeRecipient::parse(" " + kRecipient + "\n").text(), kRecipient);
}

TEST(AgeKeys, StockProgramReadsAGeneratedIdentity) {
  const test::TempDir dir;
  const AgeIdentity identity = AgeIdentity::generate();
  test::write_text(dir / "key", std::string(identity.secret_text().reveal()) + "\n");
  EXPECT_EQ(test::run_ok({"age-keygen", "-y", dir / "key"}), identity.recipient().text() + "\n");
  EXPECT_FALSE(identity.secret_text() == AgeIdentity::generate().secret_text());
}

TEST(AgeKeys, ReadsRecipientsFilesWithComments) {
  const test::TempDir dir;
  const std::string ssh = test::make_ssh_key(dir.path(), "ed25519").recipient;
  const auto recipients = AgeRecipient::parse_file("# one\n" + kRecipient + "\r\n\n  # two\n" +
                                                   ssh + " somebody@somewhere");
  ASSERT_EQ(recipients.size(), 2u);
  EXPECT_EQ(recipients[0].text(), kRecipient);
  EXPECT_EQ(recipients[1].text(), ssh);
}

TEST(AgeKeys, ReadsAnRsaPemAsTheSshKeyThatItIs) {
  const test::TempDir dir;
  const test::AgeKey pem = test::make_pem_key(dir.path());
  const std::string ssh = test::run_ok({"ssh-keygen", "-y", "-f", pem.identity_file});
  EXPECT_EQ(AgeRecipient::parse(pem.recipient).text() + "\n", ssh);
  ASSERT_EQ(AgeRecipient::parse_file("\n" + pem.recipient).size(), 1u);
}

TEST(AgeKeys, NamesTheLineOfABadRecipient) {
  EXPECT_THAT(failure([] { (void)AgeRecipient::parse_file("#\n" + kRecipient + "\nnonsense\n"); }),
              HasSubstr("line 3: cannot use the recipient"));
  EXPECT_THAT(failure([] { (void)AgeRecipient::parse_file("# none\n"); }),
              HasSubstr("there are none"));
}

TEST(AgeKeys, RefusesWhatIsNoRecipient) {
  std::string mistyped = kRecipient;
  mistyped[10] = mistyped[10] == 'q' ? 'p' : 'q';
  EXPECT_THAT(failure([&] { (void)AgeRecipient::parse(mistyped); }), HasSubstr("mistyped"));
  for (const char* text :
       {"", "age", "age1", "AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ",
        "ssh-dss AAAA", "sk-ssh-ed25519@openssh.com AAAA", "age1yubikey1qwertyuiop"}) {
    EXPECT_NE(failure([&] { (void)AgeRecipient::parse(text); }), "") << text;
  }
}

TEST(AgeKeys, DoesNotRepeatAPrivateKeyThatIsGivenAsARecipient) {
  const test::TempDir dir;
  const std::string ssh = test::read_text(test::make_ssh_key(dir.path(), "ed25519").identity_file);
  for (const std::string& text : {kIdentity, ssh}) {
    const std::string message = failure([&] { (void)AgeRecipient::parse(text); });
    EXPECT_THAT(message, HasSubstr("it is a private key"));
    EXPECT_THAT(message, Not(HasSubstr(text.substr(text.size() / 2, 10))));
  }
}

TEST(AgeKeys, ReadsIdentityFilesWithComments) {
  const AgeIdentity other = AgeIdentity::generate();
  const auto identities =
      AgeIdentity::parse_file("# created: today\n# public key: x\n" + kIdentity + "\r\n\n" +
                                  std::string(other.secret_text().reveal()) + "\n",
                              {});
  ASSERT_EQ(identities.size(), 2u);
  EXPECT_EQ(identities[0].recipient().text(), kRecipient);
  EXPECT_EQ(identities[1].recipient().text(), other.recipient().text());
}

TEST(AgeKeys, NamesTheLineOfABadIdentityButNotItsText) {
  std::string mistyped = kIdentity;
  mistyped.back() = 'Q';
  const std::string message =
      failure([&] { (void)AgeIdentity::parse_file("#\n" + mistyped + "\n", {}); });
  EXPECT_THAT(message, HasSubstr("line 2: cannot read the identity"));
  EXPECT_THAT(message, Not(HasSubstr("GFPYYS")));
  EXPECT_THAT(failure([] { (void)AgeIdentity::parse_file(kRecipient, {}); }),
              HasSubstr("it is a public key"));
  EXPECT_THAT(failure([] { (void)AgeIdentity::parse_file("AGE-PLUGIN-YUBIKEY-1QQ", {}); }),
              HasSubstr("plugin"));
  EXPECT_NE(failure([] { (void)AgeIdentity::parse_file("", {}); }), "");
  EXPECT_NE(failure([] { (void)AgeIdentity::parse_file("# nothing\n", {}); }), "");
  std::string lower = kIdentity;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  EXPECT_NE(failure([&] { (void)AgeIdentity::parse_file(lower, {}); }), "");
}

TEST(AgeKeys, OpensPrivateKeysOfEveryForm) {
  struct Form {
    const char* what;
    std::function<test::AgeKey(const std::string&)> make;
  };
  const std::string guard = "-aes256 -passout pass:secret";
  for (const Form& form : std::vector<Form>{
           {"OpenSSH Ed25519", [](auto& dir) { return test::make_ssh_key(dir, "ed25519"); }},
           {"protected", [](auto& dir) { return test::make_ssh_key(dir, "ed25519", "secret"); }},
           {"OpenSSH RSA", [](auto& dir) { return test::make_ssh_key(dir, "rsa"); }},
           {"protected", [](auto& dir) { return test::make_ssh_key(dir, "rsa", "secret"); }},
           {"PKCS#8", [](auto& dir) { return test::make_pem_key(dir); }},
           {"protected", [&](auto& dir) { return test::make_pem_key(dir, guard); }},
           {"PKCS#1", [](auto& dir) { return test::make_pem_key(dir, "-traditional"); }},
           {"protected",
            [&](auto& dir) { return test::make_pem_key(dir, "-traditional " + guard); }},
       }) {
    const test::TempDir dir;
    const test::AgeKey key = form.make(dir.path());
    const std::string text = test::read_text(key.identity_file);
    const auto identities = AgeIdentity::parse_file(text, say("secret"));
    ASSERT_EQ(identities.size(), 1u) << form.what;
    EXPECT_EQ(identities[0].recipient().text(), AgeRecipient::parse(key.recipient).text())
        << form.what;
    if (std::string(form.what) != "protected") continue;
    EXPECT_THAT(failure([&] { (void)AgeIdentity::parse_file(text, say("wrong")); }),
                HasSubstr("wrong pass phrase"));
    EXPECT_THAT(failure([&] { (void)AgeIdentity::parse_file(text, {}); }),
                HasSubstr("needs a pass phrase"));
  }
}

TEST(AgeKeys, OpensIdentityFilesThatTheStockProgramEncrypted) {
  const test::TempDir dir;
  const test::AgeKey key = test::make_age_key(dir.path());
  for (const std::string armor : {"", "-a "}) {
    const std::string file = dir / "encrypted";
    const auto made =
        test::at_a_terminal("age -p " + armor + "-o " + file + " " + key.identity_file, "secret");
    ASSERT_TRUE(made.ok()) << made.describe();
    const std::string text = test::read_text(file);
    const auto identities = AgeIdentity::parse_file(text, say("secret"));
    ASSERT_EQ(identities.size(), 1u);
    EXPECT_EQ(identities[0].recipient().text(), key.recipient);
    EXPECT_THAT(failure([&] { (void)AgeIdentity::parse_file(text, {}); }),
                HasSubstr("needs a pass phrase"));
    if (!armor.empty()) continue;
    EXPECT_THAT(failure([&] { (void)AgeIdentity::parse_file(text, say("wrong")); }),
                HasSubstr("wrong pass phrase"));
  }
}

TEST(AgeKeys, APassphraseIsNeitherEmptyNorARecipientsText) {
  EXPECT_TRUE(AgeRecipient::from_passphrase(Secret("x")).is_passphrase());
  EXPECT_EQ(AgeRecipient::from_passphrase(Secret("x")).text(), "scrypt");
  EXPECT_THROW((void)AgeRecipient::from_passphrase(Secret()), Error);
  EXPECT_THROW((void)AgeIdentity::from_passphrase(Secret("x")).recipient(), Error);
  EXPECT_THROW((void)AgeIdentity::from_passphrase(Secret("x")).secret_text(), Error);
}

}  // namespace
}  // namespace pgseal::crypto
