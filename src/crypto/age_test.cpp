#include "crypto/age.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support/age_program.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

using testing::HasSubstr;

std::string encrypt(const std::vector<AgeRecipient>& recipients, std::string_view text,
                    std::size_t in_step = kMiB, std::size_t out_step = kMiB) {
  AgeEncryptor encryptor(recipients);
  return std::string(as_text(test::drive(encryptor, as_bytes(text), in_step, out_step)));
}

std::string decrypt(const std::vector<AgeIdentity>& identities, std::string_view file,
                    std::size_t in_step = kMiB, std::size_t out_step = kMiB) {
  AgeDecryptor decryptor(identities);
  return std::string(as_text(test::drive(decryptor, as_bytes(file), in_step, out_step)));
}

std::vector<AgeIdentity> identities_of(const test::AgeKey& key) {
  return AgeIdentity::parse_file(test::read_text(key.identity_file), {});
}

const std::vector<std::size_t>& sizes() {
  static const std::vector<std::size_t> kSizes{0,       1,       65'535,  65'536,   65'537,
                                               131'071, 131'072, 131'073, 1'000'000};
  return kSizes;
}

/// The stock program is the judge, both ways.
void expect_both_ways(const test::AgeKey& key, const std::vector<std::size_t>& for_sizes) {
  const test::TempDir dir;
  const AgeRecipient recipient = AgeRecipient::parse(key.recipient);
  const auto identities = identities_of(key);
  for (const std::size_t size : for_sizes) {
    const std::string text = test::sample_text(size);
    const auto stock = test::age_decrypt({"-i", key.identity_file}, encrypt({recipient}, text));
    EXPECT_TRUE(stock.ok()) << stock.err;
    EXPECT_TRUE(stock.out == text) << size;
    const std::string by_stock = test::age_encrypt({"-r", recipient.text()}, text);
    EXPECT_TRUE(decrypt(identities, by_stock) == text) << size;
  }
}

TEST(Age, InteroperatesWithX25519AtAllSizes) {
  const test::TempDir dir;
  expect_both_ways(test::make_age_key(dir.path()), sizes());
}

TEST(Age, InteroperatesWithSshEd25519) {
  const test::TempDir dir;
  expect_both_ways(test::make_ssh_key(dir.path(), "ed25519"), {0, 1, 65'537});
}

TEST(Age, InteroperatesWithSshRsa) {
  const test::TempDir dir;
  expect_both_ways(test::make_ssh_key(dir.path(), "rsa"), {0, 1, 65'537});
}

TEST(Age, InteroperatesWithAnRsaPem) {
  const test::TempDir dir;
  expect_both_ways(test::make_pem_key(dir.path()), {0, 1, 65'537});
}

TEST(Age, InteroperatesWithProtectedSshKeys) {
  const test::TempDir dir;
  for (const char* type : {"ed25519", "rsa"}) {
    const test::AgeKey key = test::make_ssh_key(dir.path(), type, "secret");
    const std::string by_stock = test::age_encrypt({"-r", key.recipient}, "text");
    const auto identities = AgeIdentity::parse_file(test::read_text(key.identity_file),
                                                    [] { return Secret("secret"); });
    EXPECT_EQ(decrypt(identities, by_stock), "text");
    test::write_text(dir / "file", encrypt({identities[0].recipient()}, "text"));
    const auto result = test::at_a_terminal(
        "age -d -i " + key.identity_file + " -o " + (dir / "plain") + " " + (dir / "file"),
        "secret");
    ASSERT_TRUE(result.ok()) << result.describe();
    EXPECT_EQ(test::read_text(dir / "plain"), "text");
  }
}

TEST(Age, InteroperatesWithAPassphrase) {
  const test::TempDir dir;
  const std::string text = test::sample_text(70'000);
  test::write_text(dir / "plain", text);
  const auto made =
      test::at_a_terminal("age -p -o " + (dir / "by_stock") + " " + (dir / "plain"), "secret");
  ASSERT_TRUE(made.ok()) << made.describe();
  const std::string by_stock = test::read_text(dir / "by_stock");
  EXPECT_TRUE(decrypt({AgeIdentity::from_passphrase(Secret("secret"))}, by_stock) == text);

  test::write_text(dir / "file",
                   encrypt({AgeRecipient::from_passphrase(Secret("secret"), 12)}, text));
  const auto result =
      test::at_a_terminal("age -d -o " + (dir / "again") + " " + (dir / "file"), "secret");
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_TRUE(test::read_text(dir / "again") == text);
}

TEST(Age, EachOfSeveralRecipientsReadsTheSameFile) {
  const test::TempDir dir;
  const test::TempDir ssh;
  const std::vector<test::AgeKey> keys{
      test::make_age_key(dir.path()), test::make_ssh_key(dir.path(), "ed25519"),
      test::make_ssh_key(dir.path(), "rsa"), test::make_pem_key(ssh.path())};
  std::vector<AgeRecipient> recipients;
  std::vector<std::string> options;
  for (const test::AgeKey& key : keys) {
    recipients.push_back(AgeRecipient::parse(key.recipient));
    options.insert(options.end(), {"-r", recipients.back().text()});
  }
  const std::string text = test::sample_text(100'000);
  const std::string by_us = encrypt(recipients, text);
  const std::string by_stock = test::age_encrypt(options, text);
  for (const test::AgeKey& key : keys) {
    const auto stock = test::age_decrypt({"-i", key.identity_file}, by_us);
    EXPECT_TRUE(stock.out == text) << stock.err;
    EXPECT_TRUE(decrypt(identities_of(key), by_stock) == text);
    EXPECT_TRUE(decrypt(identities_of(key), by_us) == text);
  }
}

TEST(Age, TriesAllIdentities) {
  std::vector<AgeIdentity> identities;
  for (int i = 0; i < 3; ++i) identities.push_back(AgeIdentity::generate());
  for (const AgeIdentity& one : identities) {
    EXPECT_EQ(decrypt(identities, encrypt({one.recipient()}, "text")), "text");
  }
}

TEST(Age, WorksInAnySteps) {
  const std::vector<AgeIdentity> identities{AgeIdentity::generate()};
  for (const std::size_t size : {0, 1, 100}) {
    const std::string text = test::sample_text(size);
    for (const std::size_t in_step : test::steps()) {
      for (const std::size_t out_step : test::steps()) {
        const std::string file = encrypt({identities[0].recipient()}, text, in_step, out_step);
        EXPECT_EQ(decrypt(identities, file, out_step, in_step), text)
            << size << " " << in_step << " " << out_step;
      }
    }
  }
}

TEST(Age, SaysWhomAFileIsForWhereNoIdentityFits) {
  const std::string file = encrypt({AgeIdentity::generate().recipient()}, "text");
  try {
    (void)decrypt({AgeIdentity::generate(), AgeIdentity::generate()}, file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    EXPECT_THAT(error.message(), HasSubstr("none of the 2 identities"));
    EXPECT_THAT(error.message(), HasSubstr("(X25519)"));
  }
}

TEST(Age, TellsAWrongPassphrase) {
  const std::string file = encrypt({AgeRecipient::from_passphrase(Secret("secret"), 10)}, "text");
  EXPECT_EQ(decrypt({AgeIdentity::from_passphrase(Secret("secret"))}, file), "text");
  try {
    (void)decrypt({AgeIdentity::from_passphrase(Secret("wrong"))}, file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    EXPECT_THAT(error.message(), HasSubstr("wrong pass phrase"));
  }
}

TEST(Age, EncryptsToNobodyAndToAPassphraseBesideOthersNever) {
  const AgeRecipient somebody = AgeIdentity::generate().recipient();
  const AgeRecipient passphrase = AgeRecipient::from_passphrase(Secret("secret"), 10);
  for (const std::vector<AgeRecipient>& recipients : {std::vector<AgeRecipient>{},
                                                      {passphrase, somebody},
                                                      {somebody, passphrase},
                                                      {passphrase, passphrase},
                                                      std::vector<AgeRecipient>(1000, somebody)}) {
    try {
      const AgeEncryptor encryptor(recipients);
      ADD_FAILURE() << "accepted " << recipients.size();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
    }
  }
}

TEST(Age, NoTwoFilesAreTheSame) {
  const AgeRecipient recipient = AgeIdentity::generate().recipient();
  EXPECT_NE(encrypt({recipient}, "text"), encrypt({recipient}, "text"));
}

TEST(Age, RefusesEveryChangedByte) {
  const std::vector<AgeIdentity> identities{AgeIdentity::generate()};
  const std::string file = encrypt({identities[0].recipient()}, test::sample_text(50));
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const unsigned change : {1U << (at % 8), 0xffU}) {
      std::string bad = file;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ change);
      EXPECT_THROW((void)decrypt(identities, bad), Error) << at << " " << change;
    }
  }
}

TEST(Age, RefusesEveryTruncationAndWhatFollows) {
  const std::vector<AgeIdentity> identities{AgeIdentity::generate()};
  for (const std::size_t size : {0, 50}) {
    const std::string file = encrypt({identities[0].recipient()}, test::sample_text(size));
    for (std::size_t cut = 0; cut < file.size(); ++cut) {
      try {
        (void)decrypt(identities, std::string_view(file).substr(0, cut));
        ADD_FAILURE() << "accepted the first " << cut << " of " << file.size();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::verification) << error.message();
      }
    }
    EXPECT_THROW((void)decrypt(identities, file + "x"), Error);
    EXPECT_THROW((void)decrypt(identities, file + file), Error);
  }
}

}  // namespace
}  // namespace pgseal::crypto
