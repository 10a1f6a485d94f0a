#pragma once
// Ed25519 signatures in minisign's format, prehashed ("ED"): BLAKE2b-512, then Ed25519.
// Source: jedisct1, "Minisign", sections "Signature format", "Public key format", "Secret key
// format".

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace pgseal::crypto {

/// The first line of a signature file that minisign, and pgseal, write. Nothing signs it.
inline constexpr std::string_view kMinisignSignatureComment =
    "untrusted comment: signature from minisign secret key";

/// The signer's public key, as one pins it outside the bucket. Immutable.
class MinisignPublicKey final {
 public:
  /// Reads the base64 text ("RW..."), or a public key file with its comment line. Throws Error of
  /// `Exit::key`.
  [[nodiscard]] static MinisignPublicKey parse(std::string_view text);
  /// The base64 text: "RW...".
  [[nodiscard]] std::string text() const;
  /// The file's content, comment line included.
  [[nodiscard]] std::string file_text() const;
  /// 16 upper-case hex digits (minisign leaves out zeros at the beginning).
  [[nodiscard]] std::string key_id() const;

  /// Returns the trusted comment of `signature` (a .minisig file's content). Throws Error of
  /// `Exit::key` where it is by another key, of `Exit::verification` where it is malformed or
  /// wrong for `message`. Legacy signatures that are not prehashed are refused, and so is anything
  /// but the four lines; what the first, untrusted one says is not looked at.
  std::string verify(ByteView message, std::string_view signature) const;

  bool operator==(const MinisignPublicKey&) const = default;

 private:
  friend class MinisignSecretKey;
  std::array<std::byte, 8> id_{};
  std::array<std::byte, 32> key_{};
};

/// Signs. Immutable; safe for use from any thread.
class MinisignSecretKey final {
 public:
  using AskPassphrase = std::function<std::optional<Secret>()>;

  /// Reads a secret key file (with or without its comment line; encrypted or made by
  /// `minisign -G -W`). Throws Error of `Exit::key`.
  [[nodiscard]] static MinisignSecretKey parse(std::string_view text, const AskPassphrase& ask);
  [[nodiscard]] static MinisignSecretKey generate();

  [[nodiscard]] MinisignPublicKey public_key() const;
  /// The file's content; encrypted where `passphrase` is given, as `minisign -G` writes it: that
  /// takes seconds and 1 GiB of memory, as does `parse()` of it.
  [[nodiscard]] Secret file_text(const std::optional<Secret>& passphrase) const;
  /// A .minisig file's content. Throws Error of `Exit::usage` unless `trusted_comment` is one line
  /// of less than 8 KiB.
  [[nodiscard]] std::string sign(ByteView message, const std::string& trusted_comment) const;

 private:
  static MinisignSecretKey from_seed(std::string_view id, Secret seed);

  Secret seed_;  // 32 bytes
  MinisignPublicKey public_key_;
};

}  // namespace pgseal::crypto
