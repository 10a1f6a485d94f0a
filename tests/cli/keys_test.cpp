// keygen, encrypt and decrypt of age files: age, age-keygen and minisign are the judges, both ways.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

#include "base/file.h"
#include "support/age_program.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Runs `command` on a terminal of its own and answers each prompt that ends with ": " with the
/// next of `answers`.
test::CommandResult on_terminal(const std::vector<std::string>& command,
                                const std::vector<std::string>& answers,
                                const test::CommandOptions& options = {}) {
  std::string script = "set timeout 60\nspawn -noecho";
  for (const std::string& word : command) script += " {" + word + "}";
  for (const std::string& answer : answers) {
    script += "\nexpect {\n  -re {: $} {send -- {" + answer +
              "}; send \\r}\n  timeout {exit 99}\n  eof {}\n}";
  }
  script += "\nexpect {\n  timeout {exit 98}\n  eof {}\n}\nexit [lindex [wait] 3]\n";
  return test::run({"expect", "-c", script}, options);
}

class Keys : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* program :
         {"age", "age-keygen", "minisign", "ssh-keygen", "openssl", "expect"}) {
      PGSEAL_SKIP_BECAUSE(test::have_program(program) ? ""
                                                      : std::string(program) + " is not installed");
    }
    test::write_text(phrase_, "correct horse\nsecond line\n");
    test::write_text(wrong_phrase_, "battery staple\n");
    test::write_text(plain_, text_);
  }

  /// An identity of `age-keygen`, and who it is.
  std::string make_identity(const std::string& path) {
    test::run_ok({"age-keygen", "-o", path});
    return test::recipient_of(path);
  }

  /// The names of all files that `out_` could have left behind.
  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("out")) names.push_back(name);
    }
    return names;
  }

  void expect_refused(const test::CommandResult& result, int exit_code, const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.describe();
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_THAT(outputs(), IsEmpty());
  }

  static mode_t mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }

  const test::TempDir dir_;
  const std::string identity_ = dir_ / "identity", phrase_ = dir_ / "phrase",
                    wrong_phrase_ = dir_ / "wrong_phrase", plain_ = dir_ / "plain",
                    encrypted_ = dir_ / "encrypted", out_ = dir_ / "out";
  const std::string text_ = test::sample_text(200'000);
};

TEST_F(Keys, KeygenMakesAnIdentityFileAsAgeKeygenDoes) {
  const auto result = test::pgseal({"keygen", "-o", identity_});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(mode_of(identity_), 0600u);
  const std::string text = test::read_text(identity_);
  const std::regex form(
      "# created: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n"
      "# public key: (age1[a-z0-9]{58})\n"
      "AGE-SECRET-KEY-1[A-Z0-9]{58}\n");
  std::smatch parts;
  ASSERT_TRUE(std::regex_match(text, parts, form));
  EXPECT_EQ(test::recipient_of(identity_), parts[1]);
  EXPECT_THAT(result.err, HasSubstr("public key: " + parts[1].str()));
}

TEST_F(Keys, KeygenWritesToStandardOutput) {
  const auto result = test::pgseal({"keygen"});
  ASSERT_TRUE(result.ok()) << result.describe();
  test::write_text(identity_, result.out);
  EXPECT_THAT(result.err, HasSubstr(test::recipient_of(identity_)));
}

TEST_F(Keys, KeygenMakesAnotherKeyEachTime) {
  EXPECT_NE(test::pgseal({"keygen"}).out, test::pgseal({"keygen"}).out);
}

TEST_F(Keys, KeygenNeverOverwrites) {
  test::write_text(identity_, "precious");
  const auto result = test::pgseal({"keygen", "-o", identity_});
  expect_refused(result, 2, "File exists");
  EXPECT_EQ(test::read_text(identity_), "precious");
}

TEST_F(Keys, KeygenOfASigningKeyNeverOverwritesAndLeavesNoHalfPair) {
  test::write_text(identity_ + ".pub", "precious");
  const auto result = test::pgseal({"keygen", "--signing", "-o", identity_});
  expect_refused(result, 2, identity_ + ".pub");
  EXPECT_EQ(test::read_text(identity_ + ".pub"), "precious");
  EXPECT_FALSE(fs::exists(identity_));
}

TEST_F(Keys, KeygenProtectsAnIdentityThatAgeOpens) {
  const auto made = test::pgseal({"keygen", "-o", identity_, "--passphrase-file", phrase_});
  ASSERT_TRUE(made.ok()) << made.describe();
  EXPECT_EQ(mode_of(identity_), 0600u);
  EXPECT_THAT(test::read_text(identity_), StartsWith("-----BEGIN AGE ENCRYPTED FILE-----\n"));
  std::smatch key;
  ASSERT_TRUE(std::regex_search(made.err, key, std::regex("age1[a-z0-9]{58}")));
  test::run_ok({"age", "-r", key.str(), "-o", encrypted_, plain_});

  const auto theirs = on_terminal({"age", "-d", "-i", identity_, "-o", dir_ / "theirs", encrypted_},
                                  {"correct horse"});
  EXPECT_TRUE(theirs.ok()) << theirs.describe();
  EXPECT_TRUE(test::read_text(dir_ / "theirs") == text_);
  const auto ours =
      test::pgseal({"decrypt", "-i", identity_, "--passphrase-file", phrase_, encrypted_});
  EXPECT_TRUE(ours.ok() && ours.out == text_) << ours.err;
  expect_refused(test::pgseal({"decrypt", "-i", identity_, "--passphrase-file", wrong_phrase_, "-o",
                               out_, encrypted_}),
                 6, identity_);
}

TEST_F(Keys, KeygenAsksForAPassPhraseTwice) {
  const auto command = test::pgseal_command({"keygen", "-p", "-o", out_});
  const auto options = test::pgseal_environment({});
  const auto differ = on_terminal(command, {"correct horse", "battery staple"}, options);
  EXPECT_EQ(differ.exit_code, 2) << differ.describe();
  EXPECT_THAT(differ.out, HasSubstr("the pass phrases differ"));
  const auto empty = on_terminal(command, {""}, options);
  EXPECT_EQ(empty.exit_code, 2) << empty.describe();
  EXPECT_THAT(outputs(), IsEmpty());

  const auto same = on_terminal(command, {"correct horse", "correct horse"}, options);
  EXPECT_TRUE(same.ok()) << same.describe();
  EXPECT_EQ(same.out.find("correct horse"), std::string::npos) << "shown on the terminal";
  const auto opened = on_terminal({"age", "-d", "-o", identity_, out_}, {"correct horse"});
  EXPECT_TRUE(opened.ok()) << opened.describe();
  EXPECT_THAT(test::recipient_of(identity_), StartsWith("age1"));
}

TEST_F(Keys, KeygenSaysThatThereIsNoTerminal) {
  auto command = test::pgseal_command({"keygen", "-p", "-o", out_});
  command.insert(command.begin(), {"setsid", "--wait"});
  expect_refused(test::run(command, test::pgseal_environment({})), 2, "--passphrase-file");
}

TEST_F(Keys, MinisignSignsAndVerifiesWithASigningKey) {
  for (const bool is_protected : {false, true}) {
    const std::string key = dir_ / (is_protected ? "protected" : "open");
    std::vector<std::string> arguments{"keygen", "--signing", "-o", key};
    if (is_protected) arguments.insert(arguments.end(), {"--passphrase-file", phrase_});
    const auto made = test::pgseal(arguments);
    ASSERT_TRUE(made.ok()) << made.describe();
    EXPECT_EQ(mode_of(key), 0600u);

    test::CommandOptions passphrase;
    if (is_protected) passphrase.input = "correct horse\n";
    test::run_ok({"minisign", "-S", "-s", key, "-m", plain_, "-x", dir_ / "minisig"}, passphrase);
    test::run_ok({"minisign", "-V", "-p", key + ".pub", "-m", plain_, "-x", dir_ / "minisig"});
    std::smatch text;
    ASSERT_TRUE(std::regex_search(made.err, text, std::regex("RW[A-Za-z0-9+/]{54}")));
    test::run_ok({"minisign", "-V", "-P", text.str(), "-m", plain_, "-x", dir_ / "minisig"});
  }
}

TEST_F(Keys, KeygenOfASigningKeyAsksForAPlace) {
  for (const auto& more : std::vector<std::vector<std::string>>{{}, {"-o", "-"}}) {
    std::vector<std::string> arguments{"keygen", "--signing"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = test::pgseal(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.describe();
    EXPECT_THAT(result.err, HasSubstr("--output"));
    EXPECT_EQ(result.out, "");
  }
}

/// What encrypts and what decrypts.
struct Pair {
  const char* name;
  std::string recipient;  ///< as -r takes it
  std::string identity;   ///< a file
  bool age_reads_recipient = true;
};

class KeyKinds : public Keys {
 protected:
  void SetUp() override {
    Keys::SetUp();
    if (IsSkipped()) return;
    pairs_.push_back({"X25519", make_identity(identity_), identity_});
    for (const char* kind : {"ed25519", "rsa"}) {
      const std::string path = dir_ / (std::string("ssh_") + kind);
      test::run_ok({"ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", path});
      std::string line = test::read_text(path + ".pub");
      line.pop_back();
      pairs_.push_back({kind, line, path});
    }
    const auto pem = test::make_key_pair(dir_.path());
    pairs_.push_back({"PEM", test::read_text(pem.public_pem), pem.private_pem, false});
  }
  std::vector<Pair> pairs_;
};

TEST_F(KeyKinds, AgeReadsWhatIsEncrypted) {
  for (const Pair& pair : pairs_) {
    for (const std::size_t size : {0, 1, 65'535, 65'536, 65'537, 200'000}) {
      const std::string text = test::sample_text(size);
      test::write_text(plain_, text);
      for (const bool armor : {false, true}) {
        std::vector<std::string> arguments{"encrypt", "-r",       pair.recipient,
                                           "-o",      encrypted_, plain_};
        if (armor) arguments.emplace_back("-a");
        const auto result = test::pgseal(arguments);
        ASSERT_TRUE(result.ok()) << pair.name << " " << result.describe();
        EXPECT_EQ(test::read_text(encrypted_).starts_with("-----BEGIN"), armor);
        EXPECT_TRUE(test::run_ok({"age", "-d", "-i", pair.identity, encrypted_}) == text)
            << pair.name << " " << size << " " << armor;
      }
    }
  }
}

TEST_F(KeyKinds, ReadsWhatAgeEncrypted) {
  for (const Pair& pair : pairs_) {
    if (!pair.age_reads_recipient) continue;
    for (const std::size_t size : {0, 1, 65'535, 65'536, 65'537, 200'000}) {
      const std::string text = test::sample_text(size);
      test::write_text(plain_, text);
      for (const char* form : {"", "-a"}) {
        std::vector<std::string> command{"age", "-r", pair.recipient, "-o", encrypted_};
        if (*form != '\0') command.emplace_back(form);
        command.push_back(plain_);
        test::run_ok(command);
        const auto result = test::pgseal({"decrypt", "-i", pair.identity, encrypted_});
        EXPECT_TRUE(result.ok() && result.out == text)
            << pair.name << " " << size << " " << form << " " << result.err;
      }
    }
  }
}

TEST_F(KeyKinds, EachOfSeveralRecipientsReads) {
  std::string list = "# all but the first\n\n";
  for (std::size_t i = 1; i + 1 < pairs_.size(); ++i) list += pairs_[i].recipient + "\n";
  test::write_text(dir_ / "list", list);
  const auto result = test::pgseal({"encrypt", "-r", pairs_.front().recipient, "-R", dir_ / "list",
                                    "-r", pairs_.back().recipient, "-o", encrypted_, plain_});
  ASSERT_TRUE(result.ok()) << result.describe();
  for (const Pair& pair : pairs_) {
    EXPECT_TRUE(test::run_ok({"age", "-d", "-i", pair.identity, encrypted_}) == text_) << pair.name;
    const auto ours = test::pgseal({"decrypt", "-i", pair.identity, encrypted_});
    EXPECT_TRUE(ours.ok() && ours.out == text_) << pair.name << " " << ours.err;
  }
}

TEST_F(KeyKinds, NobodyElseReads) {
  for (const Pair& writer : pairs_) {
    ASSERT_TRUE(test::pgseal({"encrypt", "-r", writer.recipient, "-o", encrypted_, plain_}).ok());
    for (const Pair& reader : pairs_) {
      if (&reader == &writer) continue;
      expect_refused(test::pgseal({"decrypt", "-i", reader.identity, "-o", out_, encrypted_}), 6,
                     encrypted_);
    }
  }
}

TEST_F(Keys, EncryptAndDecryptWorkInAPipe) {
  const std::string recipient = make_identity(identity_);
  test::CommandOptions options = test::pgseal_environment({{"PGSEAL_IDENTITY", identity_}});
  options.input = text_;
  const std::string pgseal = test::shell_quoted(test::pgseal_command({}).front());
  const auto result =
      test::sh(pgseal + " encrypt -r " + recipient + " | " + pgseal + " decrypt | " + pgseal +
                   " encrypt -a -r " + recipient + " - | " + pgseal + " decrypt -",
               options);
  EXPECT_TRUE(result.ok() && result.out == text_) << result.err;
}

TEST_F(Keys, PassPhrasesWorkBothWays) {
  const auto made =
      test::pgseal({"encrypt", "--passphrase-file", phrase_, "-o", encrypted_, plain_});
  ASSERT_TRUE(made.ok()) << made.describe();
  const auto theirs =
      on_terminal({"age", "-d", "-o", dir_ / "theirs", encrypted_}, {"correct horse"});
  ASSERT_TRUE(theirs.ok()) << theirs.describe();
  EXPECT_TRUE(test::read_text(dir_ / "theirs") == text_);

  const auto by_age =
      on_terminal({"age", "-p", "-o", dir_ / "by_age", plain_}, {"correct horse", "correct horse"});
  ASSERT_TRUE(by_age.ok()) << by_age.describe();
  const auto ours = test::pgseal({"decrypt", "--passphrase-file", phrase_, dir_ / "by_age"});
  EXPECT_TRUE(ours.ok() && ours.out == text_) << ours.err;
  const auto asked =
      on_terminal(test::pgseal_command({"decrypt", "-o", dir_ / "asked", dir_ / "by_age"}),
                  {"correct horse"}, test::pgseal_environment({}));
  EXPECT_TRUE(asked.ok()) << asked.describe();
  EXPECT_TRUE(test::read_text(dir_ / "asked") == text_);
  expect_refused(
      test::pgseal({"decrypt", "--passphrase-file", wrong_phrase_, "-o", out_, dir_ / "by_age"}), 6,
      "by_age");
}

TEST_F(Keys, OpensASshKeyWithAPassPhrase) {
  const std::string key = dir_ / "ssh";
  test::run_ok({"ssh-keygen", "-q", "-t", "ed25519", "-N", "correct horse", "-f", key});
  test::run_ok({"age", "-R", key + ".pub", "-o", encrypted_, plain_});
  const auto ours = test::pgseal({"decrypt", "-i", key, "--passphrase-file", phrase_, encrypted_});
  EXPECT_TRUE(ours.ok() && ours.out == text_) << ours.err;
  expect_refused(test::pgseal({"decrypt", "-i", key, "--passphrase-file", wrong_phrase_, "-o", out_,
                               encrypted_}),
                 6, key);
}

TEST_F(Keys, RefusesADamagedOrTruncatedFileAndLeavesNoHalfOutput) {
  test::run_ok({"age", "-r", make_identity(identity_), "-o", encrypted_, plain_});
  const std::string whole = test::read_text(encrypted_);
  const std::size_t payload = whole.find("\n", whole.find("\n---") + 1) + 1;
  const auto decrypt = [&](const std::string& bytes) {
    test::write_text(encrypted_, bytes);
    return test::pgseal({"decrypt", "-i", identity_, "-o", out_, encrypted_});
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{10}, payload - 10, payload + 3,
                               payload + 100, payload + 70'000, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    expect_refused(decrypt(damaged), 7, encrypted_);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{30}, payload,
                                 payload + 16, payload + 16 + 65'552, whole.size() - 1}) {
    expect_refused(decrypt(whole.substr(0, size)), 7, encrypted_);
  }
  expect_refused(decrypt(whole + "x"), 7, encrypted_);
  expect_refused(decrypt("plain text"), 7, encrypted_);
  test::write_text(out_, "precious");
  EXPECT_EQ(decrypt(whole.substr(0, whole.size() - 1)).exit_code, 7);
  EXPECT_EQ(test::read_text(out_), "precious");
}

TEST_F(Keys, LeavesNoHalfOutputWhenInterrupted) {
  const std::string fifo = dir_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const UniqueFd writer(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));  // keeps it from ending
  test::RunningCommand command(
      test::pgseal_command({"encrypt", "-r", make_identity(identity_), "-o", out_, fifo}),
      test::pgseal_environment({}));
  write_all(writer.get(), as_bytes("a beginning"), "to the pipe");
  ASSERT_TRUE(test::wait_until([&] { return outputs().size() == 1; }));
  command.send_signal(SIGTERM);
  const auto result = command.join();
  EXPECT_EQ(result.exit_code, 130) << result.describe();
  EXPECT_THAT(outputs(), IsEmpty());
}

TEST_F(Keys, EncryptSaysWhatItMisses) {
  const std::string recipient = make_identity(identity_);
  expect_refused(test::pgseal({"encrypt", "-o", out_, plain_}), 2, "missing recipients");
  expect_refused(test::pgseal({"encrypt", "-p", "-r", recipient, "-o", out_, plain_}), 2,
                 "cannot be combined");
  expect_refused(test::pgseal({"encrypt", "-r", recipient, "-o", out_, dir_ / "nowhere"}), 2,
                 "nowhere");
  expect_refused(test::pgseal({"encrypt", "-R", dir_ / "nowhere", "-o", out_, plain_}), 2,
                 "nowhere");
  expect_refused(test::pgseal({"encrypt", "-R", plain_, "-o", out_, plain_}), 6, plain_);
  const std::string secret = test::read_text(identity_);
  const auto by_secret = test::pgseal(
      {"encrypt", "-r", secret.substr(secret.find("AGE-SECRET"), 74), "-o", out_, plain_});
  expect_refused(by_secret, 6, "");
  EXPECT_EQ(by_secret.err.find("AGE-SECRET-KEY-1"), std::string::npos) << by_secret.err;
}

TEST_F(Keys, EncryptRefusesToWriteBytesToATerminal) {
  const auto command = test::pgseal_command({"encrypt", "-r", make_identity(identity_), plain_});
  const auto options = test::pgseal_environment({});
  const auto refused = on_terminal(command, {}, options);
  EXPECT_EQ(refused.exit_code, 2) << refused.describe();
  EXPECT_THAT(refused.out, HasSubstr("refusing to output binary to the terminal"));
}

TEST_F(Keys, DecryptAsksForAnIdentity) {
  test::run_ok({"age", "-r", make_identity(identity_), "-o", encrypted_, plain_});
  expect_refused(test::pgseal({"decrypt", "-o", out_, encrypted_}), 2, "--identity");
  expect_refused(test::pgseal({"decrypt", "-i", dir_ / "nowhere", "-o", out_, encrypted_}), 2,
                 "nowhere");
}

TEST_F(Keys, DecryptTellsFilesFromBackups) {
  test::run_ok({"age", "-r", make_identity(identity_), "-o", encrypted_, plain_});
  fs::create_directory(dir_ / "store");
  const std::string store = "file://" + (dir_ / "store");
  const test::Variables with_store{{"PGSEAL_STORE", store}, {"PGSEAL_IDENTITY", identity_}};

  const auto file = test::pgseal({"decrypt", encrypted_}, with_store);
  EXPECT_TRUE(file.ok() && file.out == text_) << file.err;
  test::CommandOptions options = test::pgseal_environment(with_store);
  options.input = test::read_text(encrypted_);
  const auto input = test::run(test::pgseal_command({"decrypt", "-"}), options);
  EXPECT_TRUE(input.ok() && input.out == text_) << input.err;

  expect_refused(test::pgseal({"decrypt", "-o", out_}, with_store), 10, "");
  expect_refused(test::pgseal({"decrypt", "--store", store, "-o", out_, encrypted_}, with_store), 2,
                 "is no backup's name");
  expect_refused(test::pgseal({"decrypt", "--unverified", "-i", identity_, "-o", out_}), 2,
                 "store");
  expect_refused(test::pgseal({"decrypt", "-i", identity_, "-o", out_, dir_ / "nowhere"}), 2,
                 "nowhere");
  const auto nothing = on_terminal(test::pgseal_command({"decrypt", "-i", identity_}), {},
                                   test::pgseal_environment({}));
  EXPECT_EQ(nothing.exit_code, 2) << nothing.describe();
  EXPECT_THAT(nothing.out, HasSubstr("neither a file nor a store"));
}

}  // namespace
}  // namespace pgseal
