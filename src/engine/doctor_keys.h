#pragma once
// Whether tonight's backup can be encrypted and signed, and read again by the right people only.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/age_keys.h"
#include "crypto/minisign.h"
#include "engine/check.h"

namespace pgseal::engine {

/// The keys that a backup is told of.
struct KeysSubject {
  /// As they were given, perhaps one of them twice; of a classic backup its public key.
  std::vector<crypto::AgeRecipient> recipients{};
  std::vector<std::string> public_files{};  ///< from which they were read
  struct SigningKey {
    Secret text;       ///< "" where it could not be read
    std::string name;  ///< of its file or variable
    bool is_file = false;
    std::string passphrase_file{};  ///< "" for none
    /// Gives the pass phrase as a backup at night has it, without a person.
    crypto::MinisignSecretKey::AskPassphrase ask{};
  };
  std::optional<SigningKey> signing_key{};
  std::string identity{};  ///< a private key's file of which this machine was told; "" for none
};

/// Of either format.
[[nodiscard]] std::span<const CheckOf<KeysSubject>> key_checks();
/// Of archives only, which have several recipients, age's form, and signatures. To open a signing
/// key with a pass phrase takes seconds and 1 GiB of memory, as it does for a backup.
[[nodiscard]] std::span<const CheckOf<KeysSubject>> archive_key_checks();

}  // namespace pgseal::engine
