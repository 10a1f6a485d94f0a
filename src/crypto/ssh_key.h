#pragma once
// OpenSSH's forms of the two kinds of keys that age takes: Ed25519 and RSA.
// Sources: RFC 4253, 6.6 and RFC 8709, 4 (public keys); OpenSSH, PROTOCOL.key (private keys).

#include <string>
#include <string_view>
#include <variant>

#include "crypto/rsa_key.h"
#include "crypto/x25519.h"

namespace pgseal::crypto {

struct Ed25519PublicKey {
  CurvePoint point{};
};
struct Ed25519PrivateKey {
  Secret seed;  ///< 32 bytes
};
using SshPublicKey = std::variant<Ed25519PublicKey, RsaPublicKey>;
using SshPrivateKey = std::variant<Ed25519PrivateKey, RsaPrivateKey>;

/// Reads "ssh-ed25519 AAAA..." or "ssh-rsa AAAA...", a comment may follow. Throws Error of
/// `Exit::key` for other kinds of keys, for short ones, and for damaged ones.
[[nodiscard]] SshPublicKey parse_ssh_public_key(std::string_view line);
/// "ssh-ed25519", "ssh-rsa".
[[nodiscard]] std::string ssh_type(const SshPublicKey& key);
/// The key's wire form, what its base64 and its fingerprint are of.
[[nodiscard]] Bytes ssh_wire(const SshPublicKey& key);

/// True for the text of an OpenSSH private key.
[[nodiscard]] bool is_ssh_private_key(std::string_view text);
/// Reads an OpenSSH private key ("BEGIN OPENSSH PRIVATE KEY"); `ask` is asked for the pass phrase
/// of a protected one. Throws Error of `Exit::key`.
[[nodiscard]] SshPrivateKey parse_ssh_private_key(std::string_view text,
                                                  const RsaPrivateKey::AskPassphrase& ask);

}  // namespace pgseal::crypto
