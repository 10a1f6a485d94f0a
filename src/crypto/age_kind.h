#pragma once
// The kinds of recipients and identities behind age_keys.h: X25519, scrypt, SSH's Ed25519 and RSA.

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/age_keys.h"
#include "crypto/rsa_key.h"
#include "crypto/ssh_key.h"

namespace pgseal::crypto {

class AgeRecipient::Kind {
 public:
  virtual ~Kind() = default;
  [[nodiscard]] virtual const std::string& text() const = 0;
  [[nodiscard]] virtual bool is_passphrase() const { return false; }
  [[nodiscard]] virtual AgeStanza wrap(ByteView file_key) const = 0;
};

class AgeIdentity::Kind {
 public:
  virtual ~Kind() = default;
  [[nodiscard]] virtual Secret secret_text() const {
    throw Error(Exit::usage, "cannot write the identity as text: it is no age key");
  }
  [[nodiscard]] virtual std::shared_ptr<const AgeRecipient::Kind> recipient() const = 0;
  [[nodiscard]] virtual std::optional<Secret> unwrap(const AgeStanza& stanza) const = 0;
};

using RecipientHandle = std::shared_ptr<const AgeRecipient::Kind>;
using IdentityHandle = std::shared_ptr<const AgeIdentity::Kind>;

/// Reads "age1..."; null where it is damaged.
[[nodiscard]] RecipientHandle x25519_recipient(std::string_view text);
/// Reads "AGE-SECRET-KEY-1..."; null where it is damaged.
[[nodiscard]] IdentityHandle x25519_identity(std::string_view text);
[[nodiscard]] IdentityHandle new_x25519_identity();

/// Throws Error of `Exit::key` for an Ed25519 key that is no point of the curve.
[[nodiscard]] RecipientHandle ssh_recipient(const SshPublicKey& key);
[[nodiscard]] IdentityHandle ssh_identity(const SshPrivateKey& key);

[[nodiscard]] RecipientHandle scrypt_recipient(Secret passphrase, int work_factor);
[[nodiscard]] IdentityHandle scrypt_identity(Secret passphrase);

}  // namespace pgseal::crypto
