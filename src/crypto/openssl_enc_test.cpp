#include "crypto/openssl_enc.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "base/error.h"
#include "support/command.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

/// The stock program is the judge, both ways; the pass phrase comes from a file as the image has
/// it.
class OpensslEnc : public testing::Test {
 protected:
  OpensslEnc() { std::ofstream(key_file_) << secret_.reveal(); }

  std::string openssl(const std::vector<std::string>& options, ByteView input) {
    std::vector<std::string> command{"openssl", "enc"};
    command.insert(command.end(), options.begin(), options.end());
    for (const char* word : {"-aes-256-cbc", "-salt", "-md", "sha256"}) command.emplace_back(word);
    command.push_back("-pass");
    command.push_back("file:" + key_file_);
    test::CommandOptions run_options;
    run_options.input = as_text(input);
    const auto result = test::run(command, run_options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  const test::TempDir dir_;
  const std::string key_file_ = dir_.path() + "/key.txt";
  const Secret secret_ = make_enc_secret();
  const Secret passphrase_ = enc_passphrase(secret_);
};

TEST_F(OpensslEnc, StockProgramReadsEveryLengthAroundABlock) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 31, 32, 33, 4095, 4096, 100'000}) {
    const std::string text = test::sample_text(size);
    OpensslEncryptor encryptor(passphrase_);
    const Bytes encrypted = test::drive(encryptor, as_bytes(text), 1000, 1000);
    EXPECT_EQ(openssl({"-d"}, encrypted), text) << size;
  }
}

TEST_F(OpensslEnc, ReadsWhatTheStockProgramWrote) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 31, 32, 33, 4096, 100'000}) {
    const std::string text = test::sample_text(size);
    OpensslDecryptor decryptor(passphrase_);
    const std::string encrypted = openssl({"-e"}, as_bytes(text));
    EXPECT_EQ(as_text(test::drive(decryptor, as_bytes(encrypted), 1000, 1000)), text) << size;
  }
}

TEST_F(OpensslEnc, WorksInAnySteps) {
  for (const std::size_t size : {0, 1, 16, 48, 500}) {
    const std::string text = test::sample_text(size);
    for (const std::size_t in_step : test::steps()) {
      for (const std::size_t out_step : test::steps()) {
        OpensslEncryptor encryptor(passphrase_);
        const Bytes encrypted = test::drive(encryptor, as_bytes(text), in_step, out_step);
        EXPECT_EQ(encrypted.size(), 16 + (size / 16 + 1) * 16);
        OpensslDecryptor decryptor(passphrase_);
        EXPECT_EQ(as_text(test::drive(decryptor, encrypted, out_step, in_step)), text)
            << size << " " << in_step << " " << out_step;
      }
    }
  }
}

TEST_F(OpensslEnc, RejectsEveryTruncationOfItsLastBlock) {
  OpensslEncryptor encryptor(passphrase_);
  const Bytes encrypted = test::drive(encryptor, as_bytes(test::sample_text(100)), 1000, 1000);
  for (std::size_t size = 0; size < encrypted.size(); ++size) {
    if (size > 16 && size % 16 == 0) continue;  // whole blocks: the padding tells, but not surely
    OpensslDecryptor decryptor(passphrase_);
    EXPECT_THROW(test::drive(decryptor, ByteView(encrypted).first(size), 1000, 1000), Error)
        << size;
  }
}

TEST_F(OpensslEnc, RejectsAnythingElse) {
  OpensslDecryptor decryptor(passphrase_);
  EXPECT_THROW(test::drive(decryptor, as_bytes("this is no encrypted file"), 1000, 1000), Error);
}

TEST_F(OpensslEnc, SecretLooksLikeThatOfOpensslRand) {
  // What `openssl rand -base64 128` prints: the judge is the program.
  const std::regex form("[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{43}=\n");
  EXPECT_TRUE(std::regex_match(test::run({"openssl", "rand", "-base64", "128"}).out, form));
  EXPECT_TRUE(std::regex_match(std::string(secret_.reveal()), form));
  EXPECT_EQ(passphrase_.reveal().size(), 64u);
  EXPECT_FALSE(make_enc_secret() == secret_);
}

}  // namespace
}  // namespace pgseal::crypto
