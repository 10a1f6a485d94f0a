#pragma once
// Reading age files of either form with whatever opens them.

#include <optional>
#include <stop_token>
#include <string>

#include "base/stream.h"

namespace pgseal::cli {

/// What may open an age file.
struct AgeKeys {
  std::optional<std::string> identity{};         ///< an identity file
  std::optional<std::string> passphrase_file{};  ///< for a protected identity, or for the file
};

/// Decrypts the age file `source`, binary or armored, to `sink`, which stays open, and returns the
/// bytes of plaintext. The pass phrase of a file that is encrypted with one is asked for on the
/// terminal. `name` is for messages. Errors: `Exit::usage` where the identity is missing;
/// `Exit::key` where it does not fit; `Exit::verification` for what is no age file, and for a
/// changed or truncated one, of which the beginning was written then.
std::uint64_t decrypt_age_file(Source& source, Sink& sink, const AgeKeys& keys,
                               const std::string& name, const std::stop_token& stop);

}  // namespace pgseal::cli
