#include "cli/key_settings.h"

#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "cli/passphrase.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

std::string with_real_newlines(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped = text.substr(at, 2) == "\\n";
    result += escaped ? '\n' : text[at];
    if (escaped) ++at;
  }
  return result;
}

/// The public key's PEM; nothing where it is not set, or cannot be had, which is a problem.
std::optional<std::string> read_public_key(Configuration& configuration) {
  const auto value = configuration.find(setting::public_key);
  if (!value) return std::nullopt;
  const std::string& text = value->text();
  if (text.find("-----BEGIN") != std::string::npos) return with_real_newlines(text);
  // Not quoted: what is no file's path may be a key that lost its first line.
  if (::access(text.c_str(), R_OK) != 0) {
    configuration.problems().add(
        format("the public key ({}) is neither PEM nor the path of a file that can be read",
               value->origin));
    return std::nullopt;
  }
  std::optional<std::string> pem;
  configuration.problems().collect([&] { pem = read_file(text); });
  return pem;
}

/// Runs `part`; an Error of it becomes a problem that names where the value is from.
template <typename Part>
void collect(Configuration& configuration, const std::string& origin, Part&& part) {
  configuration.problems().collect([&] {
    try {
      part();
    } catch (Error& error) {
      error.add_context(origin);
      throw;
    }
  });
}

std::optional<SigningKey> resolve_key_to_sign(Configuration& configuration, const Setting& setting,
                                              const Setting& passphrase_file) {
  const auto value = configuration.find(setting);
  if (!value) return std::nullopt;
  SigningKey key;
  key.passphrase_file = configuration.text(passphrase_file);
  if (setting.is_secret(value->text())) {
    key.text = Secret(with_real_newlines(value->text()));
    key.name = value->origin;
    if (value->strength == Strength::flag) {
      configuration.problems().add(
          format("{} wants the key's file: an argument is seen by every user of the machine",
                 setting.long_flag()));
    }
  } else {
    key.name = value->text();
    configuration.problems().collect([&] { key.text = Secret(read_file(key.name)); });
  }
  return key;
}

}  // namespace

std::optional<crypto::RsaPublicKey> resolve_public_key(Configuration& configuration) {
  if (!configuration.find(setting::public_key)) {
    configuration.problems().add("the public key is missing: OPENSSL_PUBLIC_KEY, or --public-key");
    return std::nullopt;
  }
  const auto pem = read_public_key(configuration);
  std::optional<crypto::RsaPublicKey> key;
  if (pem) {
    configuration.problems().collect([&] { key = crypto::RsaPublicKey::from_pem(*pem); });
  }
  return key;
}

std::vector<crypto::AgeRecipient> given_recipients(Configuration& configuration) {
  std::vector<crypto::AgeRecipient> all;
  const auto add = [&all](crypto::AgeRecipient recipient) { all.push_back(std::move(recipient)); };
  const auto texts = configuration.find(setting::recipients);
  for (const std::string& text : texts ? texts->items : std::vector<std::string>()) {
    collect(configuration, texts->origin, [&] { add(crypto::AgeRecipient::parse(text)); });
  }
  const auto files = configuration.find(setting::recipients_file);
  for (const std::string& file : files ? files->items : std::vector<std::string>()) {
    collect(configuration, format("\"{}\"", file), [&] {
      for (auto& recipient : crypto::AgeRecipient::parse_file(read_file(file))) {
        add(std::move(recipient));
      }
    });
  }
  if (const auto pem = read_public_key(configuration)) {
    configuration.problems().collect([&] { add(crypto::AgeRecipient::parse(*pem)); });
  }
  if (!texts && !files && !configuration.find(setting::public_key)) {
    configuration.problems().add(
        "the recipients are missing, the public keys to encrypt to: --recipient, "
        "--recipients-file or --public-key, or PGSEAL_RECIPIENTS");
  }
  return all;
}

std::vector<crypto::AgeRecipient> resolve_recipients(Configuration& configuration) {
  std::vector<crypto::AgeRecipient> all;
  for (crypto::AgeRecipient& recipient : given_recipients(configuration)) {
    const auto is_same = [&](const auto& known) { return known.text() == recipient.text(); };
    if (std::none_of(all.begin(), all.end(), is_same)) all.push_back(std::move(recipient));
  }
  return all;
}

std::optional<SigningKey> resolve_signing_key(Configuration& configuration) {
  return resolve_key_to_sign(configuration, setting::signing_key,
                             setting::signing_key_passphrase_file);
}

std::optional<SigningKey> resolve_report_signing_key(Configuration& configuration) {
  return resolve_key_to_sign(configuration, setting::report_signing_key,
                             setting::report_signing_key_passphrase_file);
}

crypto::MinisignSecretKey open_signing_key(const SigningKey& key, const std::stop_token& stop) {
  return crypto::MinisignSecretKey::parse(key.text.reveal(), [&] {
    return get_passphrase(key.passphrase_file, format("Enter pass phrase for {}: ", key.name),
                          stop);
  });
}

std::optional<crypto::MinisignPublicKey> resolve_signer(Configuration& configuration) {
  const auto value = configuration.find(setting::signer);
  if (!value) return std::nullopt;
  std::optional<crypto::MinisignPublicKey> key;
  collect(configuration, value->origin, [&] {
    const std::string& text = value->text();
    const bool is_file = ::access(text.c_str(), F_OK) == 0;
    key = crypto::MinisignPublicKey::parse(is_file ? read_file(text) : with_real_newlines(text));
  });
  return key;
}

std::optional<IdentityFile> resolve_identity(Configuration& configuration) {
  const auto path = configuration.text(setting::identity);
  if (!path) return std::nullopt;
  return IdentityFile{*path, configuration.text(setting::passphrase_file)};
}

crypto::RsaPrivateKey open_identity(const IdentityFile& file, const std::stop_token& stop) {
  const Secret pem(read_file(file.path));
  return crypto::RsaPrivateKey::from_pem(pem.reveal(), [&] {
    return get_passphrase(file.passphrase_file, format("Enter pass phrase for {}: ", file.path),
                          stop);
  });
}

std::vector<crypto::AgeIdentity> open_identities(const IdentityFile& file,
                                                 const std::stop_token& stop) {
  const Secret text(read_file(file.path));
  return crypto::AgeIdentity::parse_file(text.reveal(), [&] {
    return get_passphrase(file.passphrase_file, format("Enter pass phrase for {}: ", file.path),
                          stop);
  });
}

}  // namespace pgseal::cli
