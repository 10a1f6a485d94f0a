#include "engine/doctor_keys.h"

#include <sys/stat.h>

#include <set>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "crypto/ssh_key.h"

namespace pgseal::engine {

namespace {

constexpr int kRecommendedBits = 3072;  // NIST SP 800-57, part 1, tables 2 and 4
constexpr const char* kNewKey =
    "where backups are restored: pgseal keygen -o identity.txt; here: --recipient age1...";
/// Stock age leaves out keys with a longer one. Source: Go, golang.org/x/crypto/ssh, parseRSA();
/// tried with age 1.1.
constexpr std::size_t kMostExponentBytes = 3;

/// The recipient's RSA key; nothing where it is of another kind.
std::optional<crypto::RsaPublicKey> rsa_key(const crypto::AgeRecipient& recipient) {
  if (!recipient.text().starts_with("ssh-rsa ")) return std::nullopt;
  return std::get<crypto::RsaPublicKey>(crypto::parse_ssh_public_key(recipient.text()));
}

/// Enough of it to tell it from the others.
std::string short_text(const crypto::AgeRecipient& recipient) {
  constexpr std::size_t kLongest = 80, kBegin = 24, kEnd = 16;  // RSA keys have hundreds
  const std::string& text = recipient.text();
  if (text.size() <= kLongest) return text;
  return format("{}...{}", text.substr(0, kBegin), text.substr(text.size() - kEnd));
}

Finding check_rsa(KeysSubject& subject) {
  std::vector<std::string> weak;
  for (const crypto::AgeRecipient& recipient : subject.recipients) {
    const auto key = rsa_key(recipient);
    if (!key || key->bits() >= kRecommendedBits) continue;
    weak.push_back(format("{} ({} bits)", short_text(recipient), key->bits()));
  }
  if (weak.empty()) return {State::ok, "no RSA key is short"};
  return {State::note,
          format("of less than {} bits, too few for what is secret beyond 2030: {}",
                 kRecommendedBits, first_few(weak)),
          kNewKey, weak};
}

/// Who else may do with `files` what the bits of `mode` say.
Finding check_modes(const std::vector<std::string>& files, mode_t mode, const char* good,
                    const char* bad, const char* change) {
  std::vector<std::string> open, remedies;
  for (const std::string& file : files) {
    if ((file_mode(file) & mode) == 0) continue;
    open.push_back(format("\"{}\"", file));
    remedies.push_back(format("chmod {} {}", change, shell_quoted(file)));
  }
  if (open.empty()) return {State::ok, good};
  return {State::warning, format("{} {}", bad, first_few(open)), joined(remedies, "\n"), open};
}

Finding check_public_files(KeysSubject& subject) {
  return check_modes(subject.public_files, S_IWGRP | S_IWOTH,
                     "only their owners may change the recipients' files",
                     "others than the owner can put a recipient of their own into", "go-w");
}

Finding check_identity(KeysSubject& subject) {
  if (subject.identity.empty()) return {State::ok, "this machine knows of no private key"};
  return {State::warning,
          format("this machine, which writes backups, is told of a private key, \"{}\": who breaks "
                 "in can read them all",
                 subject.identity),
          "keep it where backups are restored, and take the setting \"identity\" away here"};
}

Finding check_recipients(KeysSubject& subject) {
  std::set<std::string> different;
  for (const crypto::AgeRecipient& recipient : subject.recipients) {
    different.insert(recipient.text());
  }
  if (different.empty()) {
    return {State::failure, "there is no recipient to encrypt to", "--recipient age1..."};
  }
  if (different.size() > 1) return {State::ok, format("{} recipients", different.size())};
  return {State::note, "there is one recipient: if its private key is lost, so are the backups",
          "name a second one, whose private key is kept elsewhere: --recipient age1..."};
}

Finding check_duplicates(KeysSubject& subject) {
  std::set<std::string> known;
  std::vector<std::string> twice;
  for (const crypto::AgeRecipient& recipient : subject.recipients) {
    if (!known.insert(recipient.text()).second) twice.push_back(short_text(recipient));
  }
  if (twice.empty()) return {State::ok, "each recipient is given once"};
  return {State::note, format("given more than once: {}", first_few(twice)),
          "take the repetition away, or put in the recipient that was meant", twice};
}

Finding check_age(KeysSubject& subject) {
  std::vector<std::string> refused;
  for (const crypto::AgeRecipient& recipient : subject.recipients) {
    const auto key = rsa_key(recipient);
    if (key && key->exponent().size() > kMostExponentBytes)
      refused.push_back(short_text(recipient));
  }
  if (refused.empty()) return {State::ok, "age takes every recipient too"};
  return {State::warning,
          format("age, without pgseal, takes no RSA key with an exponent of more than 24 bits: {}",
                 first_few(refused)),
          kNewKey, refused};
}

/// A pass phrase that only a person can give is none for a backup at night.
Finding open(const KeysSubject::SigningKey& key) {
  bool lacks_passphrase = false;
  const auto ask = [&] {
    auto passphrase = key.ask();
    lacks_passphrase = !passphrase;
    return passphrase;
  };
  try {
    const auto opened = crypto::MinisignSecretKey::parse(key.text.reveal(), ask);
    return {State::ok, format("\"{}\" signs as {}", key.name, opened.public_key().key_id())};
  } catch (const Error&) {
    if (!lacks_passphrase) throw;
    return {
        State::warning,
        format("\"{}\" has a pass phrase, which nobody gives where there is no terminal", key.name),
        "--signing-key-passphrase-file takes it from a file's first line"};
  }
}

Finding check_signing_key(KeysSubject& subject) {
  const auto& key = subject.signing_key;
  if (!key) {
    return {State::warning, "backups are not signed: who may write to the store can forge them",
            "pgseal keygen --signing -o signing.key"};
  }
  if (key->text.empty()) {
    return {State::failure,
            format("the signing key \"{}\" is empty, or cannot be read", key->name)};
  }
  return open(*key);
}

Finding check_secret_files(KeysSubject& subject) {
  std::vector<std::string> files;
  if (subject.signing_key) {
    if (subject.signing_key->is_file) files.push_back(subject.signing_key->name);
    const std::string& passphrase_file = subject.signing_key->passphrase_file;
    if (!passphrase_file.empty()) files.push_back(passphrase_file);
  }
  return check_modes(files, S_IRWXG | S_IRWXO, "only their owners may read the signing key's files",
                     "others than the owner can read or write", "go=");
}

constexpr CheckOf<KeysSubject> kKeyChecks[] = {
    {"rsa", check_rsa}, {"public-files", check_public_files}, {"identity", check_identity}};
constexpr CheckOf<KeysSubject> kArchiveKeyChecks[] = {{"recipients", check_recipients},
                                                      {"duplicates", check_duplicates},
                                                      {"age", check_age},
                                                      {"signing-key", check_signing_key},
                                                      {"secret-files", check_secret_files}};

}  // namespace

std::span<const CheckOf<KeysSubject>> key_checks() { return kKeyChecks; }
std::span<const CheckOf<KeysSubject>> archive_key_checks() { return kArchiveKeyChecks; }

}  // namespace pgseal::engine
