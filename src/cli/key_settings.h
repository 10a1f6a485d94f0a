#pragma once
// Keys from variables, files and terminals.

#include <optional>
#include <stop_token>
#include <string>

#include "cli/environment.h"
#include "cli/problems.h"
#include "crypto/rsa_key.h"

namespace pgseal::cli {

/// The key to encrypt to: `--public-key`, else OPENSSL_PUBLIC_KEY; PEM itself, with real or literal
/// "\n" line ends, or a file's path. Nothing and a problem where it cannot be had.
[[nodiscard]] std::optional<crypto::RsaPublicKey> resolve_public_key(
    const std::optional<std::string>& flag, const Environment& environment, Problems& problems);

/// Opens the private key in the file `identity`. The pass phrase of a protected key is the first
/// line of `passphrase_file` where it is given, else asked for on the terminal. Throws Error of
/// `Exit::key` or `Exit::usage`.
[[nodiscard]] crypto::RsaPrivateKey open_identity(const std::string& identity,
                                                  const std::optional<std::string>& passphrase_file,
                                                  const std::stop_token& stop);

/// Asks on the controlling terminal, without echo; nothing where there is none. Throws Cancelled
/// when `stop` is requested.
[[nodiscard]] std::optional<Secret> ask_passphrase(const std::string& prompt,
                                                   const std::stop_token& stop);

}  // namespace pgseal::cli
