#pragma once
// RSA keys in PEM or as numbers, PKCS#1 v1.5 encryption with them, as `openssl rsautl` does it, and
// OAEP.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace pgseal::crypto {

using KeyHandle = std::shared_ptr<evp_pkey_st>;

/// An RSA public key of at least 2048 bits. Immutable; safe for use from any thread.
class RsaPublicKey final {
 public:
  /// Reads "BEGIN PUBLIC KEY" or "BEGIN RSA PUBLIC KEY". Throws Error of `Exit::key` for a private
  /// key, another kind of key, a short key and anything else.
  [[nodiscard]] static RsaPublicKey from_pem(std::string_view pem);
  /// The numbers are big-endian. Throws Error of `Exit::key` as `from_pem`.
  [[nodiscard]] static RsaPublicKey from_numbers(ByteView modulus, ByteView exponent);

  /// PKCS#1 v1.5 (RFC 8017, 7.2.1); `text` is at least 11 bytes shorter than the modulus.
  [[nodiscard]] Bytes encrypt(std::string_view text) const;
  /// RSAES-OAEP with SHA-256 (RFC 8017, 7.1.1).
  [[nodiscard]] Bytes encrypt_oaep(ByteView text, std::string_view label) const;
  [[nodiscard]] int bits() const;
  /// Big-endian, without leading zeros.
  [[nodiscard]] Bytes modulus() const;
  [[nodiscard]] Bytes exponent() const;
  /// SHA-256 of the key's DER form (SubjectPublicKeyInfo), in hex.
  [[nodiscard]] std::string fingerprint() const;

 private:
  friend class RsaPrivateKey;
  /// Throws Error of `Exit::key` for a key of less than 2048 bits.
  static void require_length(const evp_pkey_st* key);
  explicit RsaPublicKey(KeyHandle key) : key_(std::move(key)) {}
  KeyHandle key_;
};

/// RFC 8017, 3.2, big-endian. The views are the owner's.
struct RsaPrivateNumbers {
  ByteView modulus{}, public_exponent{}, private_exponent{}, prime1{}, prime2{}, coefficient{};
};

/// An RSA private key. Immutable; safe for use from any thread.
class RsaPrivateKey final {
 public:
  /// Asked for the pass phrase of a protected key; nothing means that there is none.
  using AskPassphrase = std::function<std::optional<Secret>()>;

  /// Reads a private key in PEM, PKCS#1 or PKCS#8, protected or not. Throws Error of `Exit::key`.
  [[nodiscard]] static RsaPrivateKey from_pem(std::string_view pem, const AskPassphrase& ask);
  /// Throws Error of `Exit::key` where the numbers are no key.
  [[nodiscard]] static RsaPrivateKey from_numbers(const RsaPrivateNumbers& numbers);

  /// The inverse of `RsaPublicKey::encrypt`. With a wrong key it throws Error of `Exit::key`, or
  /// returns random bytes: OpenSSL hides the difference on purpose (implicit rejection).
  [[nodiscard]] Secret decrypt(ByteView ciphertext) const;
  /// The inverse of `RsaPublicKey::encrypt_oaep`; nothing with a wrong key or label.
  [[nodiscard]] std::optional<Secret> decrypt_oaep(ByteView ciphertext,
                                                   std::string_view label) const;
  /// Throws Error of `Exit::key` where the key is too short to encrypt to.
  [[nodiscard]] RsaPublicKey public_key() const;

 private:
  explicit RsaPrivateKey(KeyHandle key) : key_(std::move(key)) {}
  KeyHandle key_;
};

}  // namespace pgseal::crypto
