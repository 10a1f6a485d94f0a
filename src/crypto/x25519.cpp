#include "crypto/x25519.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

#include "crypto/hash.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using ContextHandle = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

KeyHandle private_key(int type, const Secret& secret) {
  KeyHandle key(EVP_PKEY_new_raw_private_key(type, nullptr, as_uchar(as_bytes(secret.reveal())),
                                             secret.reveal().size()),
                EVP_PKEY_free);
  check(key != nullptr, "read a key of Curve25519");
  return key;
}

CurvePoint public_key_of(int type, const Secret& secret) {
  const KeyHandle key = private_key(type, secret);
  CurvePoint point;
  std::size_t size = point.size();
  check(EVP_PKEY_get_raw_public_key(key.get(), as_uchar(ByteSpan(point)), &size) == 1,
        "derive a public key of Curve25519");
  return point;
}

void start_sodium() {
  static const bool kReady = sodium_init() >= 0;
  if (!kReady) throw Error(Exit::internal, "cannot start libsodium");
}

}  // namespace

CurvePoint x25519_public_key(const Secret& secret) {
  return public_key_of(EVP_PKEY_X25519, secret);
}

std::optional<Secret> x25519(const Secret& secret, const CurvePoint& point) {
  const KeyHandle key = private_key(EVP_PKEY_X25519, secret);
  const KeyHandle peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr,
                                                   as_uchar(ByteView(point)), point.size()),
                       EVP_PKEY_free);
  const ContextHandle context(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  check(peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
            EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1,
        "start X25519");
  std::string shared(point.size(), '\0');
  std::size_t size = shared.size();
  // libcrypto fails where the result is all zero.
  const bool ok =
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(shared.data()), &size) == 1;
  Secret result(std::move(shared));
  if (ok) return result;
  [[maybe_unused]] const std::string reason = take_openssl_error();
  return std::nullopt;
}

Secret make_x25519_secret() {
  std::string secret(32, '\0');
  random_bytes(std::as_writable_bytes(std::span(secret)));
  return Secret(std::move(secret));
}

CurvePoint ed25519_public_key(const Secret& seed) { return public_key_of(EVP_PKEY_ED25519, seed); }

std::optional<CurvePoint> ed25519_to_x25519(const CurvePoint& public_key) {
  start_sodium();
  CurvePoint point;
  if (crypto_sign_ed25519_pk_to_curve25519(as_uchar(ByteSpan(point)),
                                           as_uchar(ByteView(public_key))) != 0) {
    return std::nullopt;
  }
  return point;
}

Secret ed25519_to_x25519(const Secret& seed) {
  start_sodium();
  std::string secret(crypto_scalarmult_curve25519_BYTES, '\0');
  // Ed25519's secret key is libsodium's: the seed, then the public key.
  const Secret both(std::string(seed.reveal()).append(as_text(ed25519_public_key(seed))));
  if (crypto_sign_ed25519_sk_to_curve25519(reinterpret_cast<unsigned char*>(secret.data()),
                                           as_uchar(as_bytes(both.reveal()))) != 0) {
    throw Error(Exit::internal, "cannot derive an X25519 secret");
  }
  return Secret(std::move(secret));
}

}  // namespace pgseal::crypto
