#pragma once
// The stock `age`, judge of what is written and read in its format, and keys of all its kinds.

#include <string>
#include <string_view>
#include <vector>

#include "support/command.h"

namespace pgseal::test {

/// What `age` with `options` makes of `plain`. Throws std::runtime_error where it fails.
[[nodiscard]] std::string age_encrypt(const std::vector<std::string>& options,
                                      std::string_view plain);
/// Runs `age --decrypt` with `options` on `file`.
[[nodiscard]] CommandResult age_decrypt(const std::vector<std::string>& options,
                                        std::string_view file);

/// A pair of keys in files, made by the stock programs.
struct AgeKey {
  std::string identity_file;
  std::string recipient;  ///< one line, or a PEM
};
/// The public key of an age identity file, as age-keygen tells it.
[[nodiscard]] std::string recipient_of(const std::string& identity_file);
/// By age-keygen.
[[nodiscard]] AgeKey make_age_key(const std::string& directory);
/// By ssh-keygen; `type` is "ed25519" or "rsa", and `passphrase` protects it where it is not empty.
[[nodiscard]] AgeKey make_ssh_key(const std::string& directory, const std::string& type,
                                  const std::string& passphrase = "");
/// By openssl: an RSA key in PEM. `options` of `openssl rsa` choose the private key's form.
[[nodiscard]] AgeKey make_pem_key(const std::string& directory, const std::string& options = "");

}  // namespace pgseal::test
