#pragma once
// Who an age file is for: recipients and identities of every kind that age has.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "crypto/age_header.h"

namespace pgseal::crypto {

/// Somebody who can read what is encrypted to them. Immutable; safe for use from any thread.
class AgeRecipient final {
 public:
  /// Reads "age1...", an "ssh-ed25519" or "ssh-rsa" line as in authorized_keys (a comment is
  /// dropped), or an RSA public key in PEM, which becomes "ssh-rsa". Throws Error of `Exit::key`,
  /// with a hint where `text` looks like a private key, and does not repeat it then.
  [[nodiscard]] static AgeRecipient parse(std::string_view text);
  /// A recipients file as `age -R` has it: one a line, "#" comments; or one PEM. Throws Error of
  /// `Exit::key` naming the line.
  [[nodiscard]] static std::vector<AgeRecipient> parse_file(std::string_view text);
  /// Whoever knows the pass phrase ("scrypt recipient"). Each step of `work_factor` doubles time
  /// and memory; 18 takes 256 MiB and about a second, with 22 the most that is read. Throws Error
  /// of `Exit::usage` for an empty one.
  [[nodiscard]] static AgeRecipient from_passphrase(Secret passphrase, int work_factor = 18);

  /// "age1...", "ssh-ed25519 AAAA...", "ssh-rsa AAAA..."; "scrypt" for a pass phrase.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] bool is_passphrase() const;
  /// The stanza that wraps `file_key` (16 bytes) for this recipient.
  [[nodiscard]] AgeStanza wrap(ByteView file_key) const;

  class Kind;

 private:
  friend class AgeIdentity;
  explicit AgeRecipient(std::shared_ptr<const Kind> kind) : kind_(std::move(kind)) {}
  std::shared_ptr<const Kind> kind_;
};

/// Somebody who reads. Immutable; safe for use from any thread.
class AgeIdentity final {
 public:
  /// Asked for the pass phrase of a protected key; nothing means that there is none.
  using AskPassphrase = std::function<std::optional<Secret>()>;

  /// Reads an identity file: lines of "AGE-SECRET-KEY-1..." with "#" comments; the same encrypted
  /// with a pass phrase by `age -p` (binary or armored); an OpenSSH private key (Ed25519, RSA); an
  /// RSA private key in PEM (PKCS#1, PKCS#8). Protected ones are opened at once. Throws Error of
  /// `Exit::key`.
  [[nodiscard]] static std::vector<AgeIdentity> parse_file(std::string_view text,
                                                           const AskPassphrase& ask);
  [[nodiscard]] static AgeIdentity from_passphrase(Secret passphrase);
  /// A fresh X25519 identity.
  [[nodiscard]] static AgeIdentity generate();

  /// "AGE-SECRET-KEY-1..."; of X25519 identities only (Error of `Exit::usage` for others).
  [[nodiscard]] Secret secret_text() const;
  /// Who can be encrypted to. Throws Error of `Exit::usage` for a pass phrase.
  [[nodiscard]] AgeRecipient recipient() const;
  /// The file key, where `stanza` is for this identity; nothing where it is for somebody else.
  /// Throws Error of `Exit::verification` where a stanza of its kind is malformed.
  [[nodiscard]] std::optional<Secret> unwrap(const AgeStanza& stanza) const;

  class Kind;

 private:
  explicit AgeIdentity(std::shared_ptr<const Kind> kind) : kind_(std::move(kind)) {}
  std::shared_ptr<const Kind> kind_;
};

}  // namespace pgseal::crypto
