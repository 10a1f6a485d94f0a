#include "crypto/minisign.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/error.h"
#include "support/command.h"
#include "support/requirement.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

MinisignSecretKey::AskPassphrase answer(const std::string& passphrase) {
  return [passphrase] { return Secret(passphrase); };
}

std::optional<Secret> nobody_asks() {
  ADD_FAILURE() << "asked for a pass phrase";
  return std::nullopt;
}

/// The class of failure of `action`; ok where it does not fail.
template <typename Action>
Exit failure(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return Exit::ok;
}

/// The stock program is the judge, both ways.
class Minisign : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(test::have_program("minisign") ? "" : "minisign is not installed");
    test::write_text(message_file_, message_);
  }

  test::CommandResult minisign(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), "minisign");
    test::CommandOptions options;
    options.input = input;
    return test::run(arguments, options);
  }

  /// Makes a key pair with the stock program; protected where there is a pass phrase.
  void generate(const std::string& passphrase) {
    std::vector<std::string> arguments{"-G", "-f", "-p", public_file_, "-s", secret_file_};
    if (passphrase.empty()) arguments.emplace_back("-W");
    const auto result = minisign(arguments, passphrase + "\n" + passphrase + "\n");
    ASSERT_TRUE(result.ok()) << result.describe();
  }

  /// Lets the stock program sign the message with the key in `secret_file_`.
  std::string sign(const std::vector<std::string>& more = {}, const std::string& passphrase = "") {
    std::vector<std::string> arguments{"-S",          "-s", secret_file_,   "-m",
                                       message_file_, "-x", signature_file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = minisign(arguments, passphrase + "\n");
    EXPECT_TRUE(result.ok()) << result.describe();
    return test::read_text(signature_file_);
  }

  /// Lets the stock program verify `signature` of the message with `key`.
  test::CommandResult verify(const std::string& signature, const MinisignPublicKey& key) {
    test::write_text(signature_file_, signature);
    test::write_text(public_file_, key.file_text());
    return minisign({"-V", "-m", message_file_, "-x", signature_file_, "-p", public_file_});
  }

  const test::TempDir dir_;
  const std::string public_file_ = dir_ / "key.pub", secret_file_ = dir_ / "key",
                    message_file_ = dir_ / "message", signature_file_ = dir_ / "message.minisig";
  const std::string message_ = test::sample_text(100'000);
  const ByteView message_bytes_ = as_bytes(message_);
};

TEST_F(Minisign, StockProgramVerifiesEveryLength) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  for (const std::size_t size : {0, 1, 127, 128, 129, 100'000}) {
    const std::string message = test::sample_text(size);
    test::write_text(message_file_, message);
    const std::string comment = "size:" + std::to_string(size);
    const auto result = verify(key.sign(as_bytes(message), comment), key.public_key());
    EXPECT_TRUE(result.ok()) << result.describe();
    EXPECT_NE(result.out.find("Trusted comment: " + comment), std::string::npos) << result.out;
    EXPECT_EQ(key.public_key().verify(as_bytes(message), test::read_text(signature_file_)),
              comment);
  }
}

TEST_F(Minisign, StockProgramRefusesWhatItShould) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  const std::string signature = key.sign(as_bytes("another message"), "comment");
  EXPECT_FALSE(verify(signature, key.public_key()).ok());
}

TEST_F(Minisign, VerifiesWhatTheStockProgramSigned) {
  generate("");
  const auto key = MinisignPublicKey::parse(test::read_text(public_file_));
  EXPECT_EQ(key.verify(message_bytes_, sign({"-t", "made by the stock program"})),
            "made by the stock program");
  EXPECT_EQ(key.verify(message_bytes_, sign({"-t", "x", "-c", "another untrusted comment"})), "x");
}

TEST_F(Minisign, RefusesLegacySignatures) {
  generate("");
  const auto key = MinisignPublicKey::parse(test::read_text(public_file_));
  const std::string legacy = sign({"-l"});
  EXPECT_EQ(failure([&] { key.verify(message_bytes_, legacy); }), Exit::verification);
}

TEST_F(Minisign, SignsWithTheStockProgramsKey) {
  generate("");
  const auto key = MinisignSecretKey::parse(test::read_text(secret_file_), nobody_asks);
  EXPECT_EQ(key.public_key(), MinisignPublicKey::parse(test::read_text(public_file_)));
  const auto result = verify(key.sign(message_bytes_, "ours"), key.public_key());
  EXPECT_TRUE(result.ok()) << result.describe();
}

TEST_F(Minisign, OpensTheStockProgramsProtectedKey) {
  generate("correct horse");
  const std::string text = test::read_text(secret_file_);
  const auto key = MinisignSecretKey::parse(text, answer("correct horse"));
  EXPECT_EQ(key.public_key(), MinisignPublicKey::parse(test::read_text(public_file_)));
  EXPECT_EQ(failure([&] { (void)MinisignSecretKey::parse(text, answer("wrong horse")); }),
            Exit::key);
  EXPECT_EQ(failure([&] { (void)MinisignSecretKey::parse(text, [] { return std::nullopt; }); }),
            Exit::key);
}

TEST_F(Minisign, StockProgramSignsWithOurKeyFiles) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  for (const char* passphrase : {"", "battery staple"}) {
    const bool is_protected = *passphrase != '\0';
    const Secret text =
        key.file_text(is_protected ? std::optional(Secret(passphrase)) : std::nullopt);
    test::write_text(secret_file_, text.reveal());
    EXPECT_EQ(key.public_key().verify(message_bytes_, sign({"-t", "stock"}, passphrase)), "stock");
    const auto again = MinisignSecretKey::parse(text.reveal(), answer(passphrase));
    // Ed25519 is deterministic, so that equal keys make equal signatures.
    EXPECT_EQ(again.sign(message_bytes_, "x"), key.sign(message_bytes_, "x"));
  }
}

TEST_F(Minisign, StockProgramRecreatesOurPublicKeyFile) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  test::write_text(secret_file_, key.file_text(std::nullopt).reveal());
  const auto result = minisign({"-R", "-s", secret_file_, "-p", public_file_});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(MinisignPublicKey::parse(test::read_text(public_file_)), key.public_key());
}

TEST(MinisignPublicKey, ReadsTheTextAloneOrTheFile) {
  const MinisignPublicKey key = MinisignSecretKey::generate().public_key();
  EXPECT_TRUE(std::regex_match(key.text(), std::regex("RW[A-Za-z0-9+/]{54}")));
  EXPECT_TRUE(std::regex_match(key.key_id(), std::regex("[0-9A-F]{16}")));
  EXPECT_EQ(MinisignPublicKey::parse(key.text()), key);
  EXPECT_EQ(MinisignPublicKey::parse(key.text() + "\n"), key);
  EXPECT_EQ(MinisignPublicKey::parse(key.file_text()), key);
}

TEST(MinisignPublicKey, RefusesAnythingElse) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  const std::string text = key.public_key().text();
  const std::string secret(key.file_text(std::nullopt).reveal());
  for (const std::string& wrong :
       std::vector<std::string>{"", "RW", text.substr(1), text + "A", "untrusted comment: only\n",
                                "XX" + text.substr(2), text + "\n" + text, secret}) {
    try {
      (void)MinisignPublicKey::parse(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::key) << wrong;
      EXPECT_EQ((error.message() + error.hint()).find("RWQAAEIy"), std::string::npos);
    }
  }
}

TEST(MinisignSecretKey, RefusesEveryTruncationAndEveryFlippedBitOfAPair) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  const std::string text(key.file_text(std::nullopt).reveal());
  const std::string line = text.substr(text.find('\n') + 1, 212);
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_EQ(failure([&] { (void)MinisignSecretKey::parse(line.substr(0, size), nobody_asks); }),
              Exit::key)
        << size;
  }
  // From the seed to the checksum, without the characters that hold other bytes too.
  for (std::size_t at = 84; at < line.size() - 1; ++at) {
    std::string changed = line;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(failure([&] { (void)MinisignSecretKey::parse(changed, nobody_asks); }), Exit::key)
        << at;
  }
}

TEST(MinisignSecretKey, RefusesLimitsThatNoMachineMeets) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  const std::string text(key.file_text(std::nullopt).reveal());
  std::string line = text.substr(text.find('\n') + 1, 212);
  line.replace(0, 8, "RWRTY0Iy");         // "Ed", "Sc", "B2"
  line.replace(4 * 38 / 3, 20, 20, '/');  // the limits, and what stands around them
  EXPECT_EQ(failure([&] { (void)MinisignSecretKey::parse(line, answer("x")); }), Exit::key);
}

TEST(MinisignSecretKey, RefusesTrustedCommentsOfSeveralLines) {
  const MinisignSecretKey key = MinisignSecretKey::generate();
  for (const std::string& comment :
       {std::string("two\nlines"), std::string("two\rlines"), std::string(8192, 'x')}) {
    EXPECT_EQ(failure([&] { (void)key.sign({}, comment); }), Exit::usage);
  }
}

class MinisignSignature : public testing::Test {
 protected:
  const MinisignSecretKey secret_ = MinisignSecretKey::generate();
  const MinisignPublicKey key_ = secret_.public_key();
  const std::string message_ = "a message";
  const std::string signature_ = secret_.sign(as_bytes(message_), "a comment");
  const std::size_t signed_from_ = signature_.find('\n') + 1;

  Exit verify(const std::string& signature) {
    return failure([&] { key_.verify(as_bytes(message_), signature); });
  }
};

TEST_F(MinisignSignature, RefusesEveryFlippedBitOfTheMessage) {
  for (std::size_t bit = 0; bit < 8 * message_.size(); ++bit) {
    std::string changed = message_;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(failure([&] { key_.verify(as_bytes(changed), signature_); }), Exit::verification);
  }
}

TEST_F(MinisignSignature, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < signature_.size(); ++size) {
    EXPECT_EQ(verify(signature_.substr(0, size)), Exit::verification) << size;
  }
}

TEST_F(MinisignSignature, RefusesEveryFlippedBitButTheUntrustedComments) {
  const std::size_t id_from = signed_from_ + 2, id_to = signed_from_ + 14;  // base64 characters
  for (std::size_t bit = 8 * signed_from_; bit < 8 * signature_.size(); ++bit) {
    std::string changed = signature_;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const Exit exit = verify(changed);
    const bool in_id = bit / 8 >= id_from && bit / 8 < id_to;
    EXPECT_TRUE(exit == Exit::verification || (in_id && exit == Exit::key)) << bit;
  }
  EXPECT_TRUE(signature_.starts_with(std::string(kMinisignSignatureComment) + "\n"));
}

TEST_F(MinisignSignature, TellsAnotherKeyByItsId) {
  const MinisignPublicKey other = MinisignSecretKey::generate().public_key();
  try {
    other.verify(as_bytes(message_), signature_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    EXPECT_NE(error.message().find(key_.key_id()), std::string::npos);
    EXPECT_NE(error.message().find(other.key_id()), std::string::npos);
  }
}

TEST_F(MinisignSignature, RefusesBytesBehindIt) {
  EXPECT_EQ(verify(signature_ + "\n"), Exit::verification);
  EXPECT_EQ(verify(signature_ + "x"), Exit::verification);
}

TEST_F(MinisignSignature, RefusesAPartOfAnotherSignatureByTheSameKey) {
  const std::string other = secret_.sign(as_bytes("other message"), "other comment");
  const auto line_ends = [](const std::string& text) { return text.find('\n', 60) + 1; };
  EXPECT_EQ(verify(signature_.substr(0, line_ends(signature_)) + other.substr(line_ends(other))),
            Exit::verification);
}

}  // namespace
}  // namespace pgseal::crypto
