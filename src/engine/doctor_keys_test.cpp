#include "engine/doctor_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/format.h"
#include "support/age_program.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::engine {
namespace {

using crypto::AgeIdentity;
using crypto::AgeRecipient;
using crypto::MinisignSecretKey;
using std::filesystem::perms;
using testing::ElementsAre;
using testing::HasSubstr;

std::map<std::string, Finding> look(KeysSubject subject) {
  Checks checks;
  checks.run("keys", Exit::key, key_checks(), subject);
  checks.run("keys", Exit::key, archive_key_checks(), subject);
  std::map<std::string, Finding> findings;
  for (const Check& check : checks.all()) findings[check.name] = check.finding;
  return findings;
}

AgeRecipient new_recipient() { return AgeIdentity::generate().recipient(); }

/// By openssl, with this option of `genpkey`.
AgeRecipient rsa_recipient(const std::string& bits, const std::string& exponent = "65537") {
  return AgeRecipient::parse(
      test::sh(format("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{} "
                      "-pkeyopt rsa_keygen_pubexp:{} | openssl pkey -pubout",
                      bits, exponent))
          .out);
}

KeysSubject::SigningKey signing_key() {
  return {.text = MinisignSecretKey::generate().file_text({}), .name = "signing.key", .ask = [] {
            return std::nullopt;
          }};
}

/// One that asks for a pass phrase. None opens it: to make such a key takes seconds.
KeysSubject::SigningKey protected_signing_key() {
  KeysSubject::SigningKey key = signing_key();
  std::string text(key.text.reveal());
  text.replace(text.find('\n') + 1, 8, "RWRTY0Iy");  // "Ed", "Sc", "B2"
  key.text = Secret(text);
  return key;
}

/// An empty file with this mode.
std::string file_of_mode(const test::TempDir& directory, perms mode) {
  const std::string path = directory / format("file '{:o}'", static_cast<unsigned>(mode));
  test::write_text(path, "");
  std::filesystem::permissions(path, mode);
  return path;
}

TEST(DoctorKeys, AreFineWhereTwoCanReadAndOneSigns) {
  for (const auto& [name, finding] :
       look({.recipients = {new_recipient(), new_recipient()}, .signing_key = signing_key()})) {
    EXPECT_EQ(finding.state, State::ok) << name << ": " << finding.reason;
  }
}

TEST(DoctorKeys, HaveToBeThereAndBetterTwo) {
  EXPECT_EQ(look({})["recipients"].state, State::failure);
  const AgeRecipient one = new_recipient();
  EXPECT_EQ(look({.recipients = {one}})["recipients"].state, State::note);

  const auto found = look({.recipients = {one, one}});
  EXPECT_EQ(found.at("recipients").state, State::note);
  EXPECT_EQ(found.at("duplicates").state, State::note);
  EXPECT_THAT(found.at("duplicates").objects, ElementsAre(one.text()));
}

TEST(DoctorKeys, OfRsaAreLongEnough) {
  auto found = look({.recipients = {new_recipient(), rsa_recipient("2048")}});
  EXPECT_EQ(found["rsa"].state, State::note);
  EXPECT_THAT(found["rsa"].objects, ElementsAre(testing::MatchesRegex("ssh-rsa .*2048 bits.")));
  EXPECT_EQ(found["age"].state, State::ok);
  EXPECT_EQ(look({.recipients = {rsa_recipient("3072")}})["rsa"].state, State::ok);
}

TEST(DoctorKeys, OfRsaAreThoseThatAgeTakes) {
  for (const auto& [exponent, state] :
       {std::pair("16777213", State::ok), std::pair("16777217", State::warning)}) {
    const AgeRecipient recipient = rsa_recipient("2048", exponent);
    EXPECT_EQ(look({.recipients = {recipient}})["age"].state, state) << exponent;
    if (!test::have_program("age")) continue;
    test::CommandOptions options;
    options.input = recipient.text() + "\n";
    const bool taken = test::sh("age -R - -o /dev/null /dev/null", options).ok();
    EXPECT_EQ(taken, state == State::ok) << exponent;
  }
}

TEST(DoctorKeys, SignAsAtNightWithoutAPerson) {
  EXPECT_EQ(look({})["signing-key"].state, State::warning);
  for (const char* text : {"", "no key"}) {
    const KeysSubject::SigningKey none{.text = Secret(text), .name = "signing.key"};
    EXPECT_EQ(look({.signing_key = none})["signing-key"].state, State::failure) << text;
  }

  EXPECT_EQ(look({.signing_key = protected_signing_key()})["signing-key"].state, State::warning);
}

TEST(DoctorKeys, LieInFilesThatOnlyTheirOwnersMayTouch) {
  const test::TempDir directory;
  const std::string secret = file_of_mode(directory, perms(0600));
  const std::string readable = file_of_mode(directory, perms(0640));
  const std::string writable = file_of_mode(directory, perms(0666));
  KeysSubject subject{.public_files = {secret, readable}, .signing_key = signing_key()};
  subject.signing_key->is_file = true;
  subject.signing_key->name = subject.signing_key->passphrase_file = secret;
  auto found = look(subject);
  EXPECT_EQ(found["public-files"].state, State::ok);
  EXPECT_EQ(found["secret-files"].state, State::ok);

  subject.public_files.push_back(writable);
  subject.signing_key->passphrase_file = readable;
  found = look(subject);
  EXPECT_EQ(found["public-files"].state, State::warning);
  EXPECT_EQ(found["public-files"].remedy, "chmod go-w " + shell_quoted(writable));
  EXPECT_EQ(found["secret-files"].state, State::warning);
  EXPECT_EQ(found["secret-files"].remedy, "chmod go= " + shell_quoted(readable));
}

TEST(DoctorKeys, ThatReadAreNotWhereBackupsAreMade) {
  EXPECT_EQ(look({.identity = "/etc/identity.txt"})["identity"].state, State::warning);
}

}  // namespace
}  // namespace pgseal::engine
