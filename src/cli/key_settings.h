#pragma once
// Keys from variables and files.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/configuration.h"
#include "crypto/age_keys.h"
#include "crypto/minisign.h"
#include "crypto/rsa_key.h"

namespace pgseal::cli {

/// The RSA key to encrypt to: PEM itself, with real or literal "\n" line ends, or a file's path.
/// Nothing and a problem where it cannot be had.
[[nodiscard]] std::optional<crypto::RsaPublicKey> resolve_public_key(Configuration& configuration);

/// Recipients, those in recipients' files, and the public key, as often as they are given. A
/// problem where there is nobody.
[[nodiscard]] std::vector<crypto::AgeRecipient> given_recipients(Configuration& configuration);
/// Everybody to encrypt to: the same, each once.
[[nodiscard]] std::vector<crypto::AgeRecipient> resolve_recipients(Configuration& configuration);

/// A signing key that was found and is not opened yet.
struct SigningKey {
  Secret text;
  std::string name;  ///< of its file or variable
  std::optional<std::string> passphrase_file;
};
[[nodiscard]] std::optional<SigningKey> resolve_signing_key(Configuration& configuration);
/// The one for reports of drills: who drills is not who backs up.
[[nodiscard]] std::optional<SigningKey> resolve_report_signing_key(Configuration& configuration);
/// Asks for the pass phrase where it takes one. Throws Error of `Exit::key` or `Exit::usage`.
[[nodiscard]] crypto::MinisignSecretKey open_signing_key(const SigningKey& key,
                                                         const std::stop_token& stop);

/// Who must have signed: the key's text, or its file.
[[nodiscard]] std::optional<crypto::MinisignPublicKey> resolve_signer(Configuration& configuration);

/// A private key's file, and the file of its pass phrase.
struct IdentityFile {
  std::string path;
  std::optional<std::string> passphrase_file;
};
[[nodiscard]] std::optional<IdentityFile> resolve_identity(Configuration& configuration);

/// Opens the RSA private key. The pass phrase of a protected key is the first line of its file
/// where that is given, else asked for on the terminal. Throws Error of `Exit::key` or
/// `Exit::usage`.
[[nodiscard]] crypto::RsaPrivateKey open_identity(const IdentityFile& file,
                                                  const std::stop_token& stop);
/// The same for identities of every kind that age has.
[[nodiscard]] std::vector<crypto::AgeIdentity> open_identities(const IdentityFile& file,
                                                               const std::stop_token& stop);

}  // namespace pgseal::cli
