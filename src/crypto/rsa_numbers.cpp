// RSA keys from and to their numbers, and OAEP.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "crypto/openssl_error.h"
#include "crypto/rsa_key.h"

namespace pgseal::crypto {

namespace {

using NumberHandle = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;
using ContextHandle = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

/// Secure numbers are wiped wherever libcrypto copies them to.
NumberHandle number(ByteView big_endian) {
  NumberHandle value(BN_secure_new(), BN_clear_free);
  check(value && BN_bin2bn(as_uchar(big_endian), static_cast<int>(big_endian.size()),
                           value.get()) != nullptr,
        "read a number");
  BN_set_flags(value.get(), BN_FLG_CONSTTIME);
  return value;
}

/// An RSA key that is put together from its numbers.
class KeyBuilder final {
 public:
  void add(const char* name, NumberHandle value) {
    check(builder_ && OSSL_PARAM_BLD_push_BN(builder_.get(), name, value.get()) == 1,
          "put an RSA key together");
    numbers_.push_back(std::move(value));
  }
  /// Null where the numbers are no key; `selection` is EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR.
  [[nodiscard]] KeyHandle build(int selection) const {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> params(
        OSSL_PARAM_BLD_to_param(builder_.get()), OSSL_PARAM_free);
    const ContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr),
                                EVP_PKEY_CTX_free);
    check(params && context && EVP_PKEY_fromdata_init(context.get()) == 1,
          "put an RSA key together");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) key = nullptr;
    return {key, EVP_PKEY_free};
  }

 private:
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder_{OSSL_PARAM_BLD_new(),
                                                                           OSSL_PARAM_BLD_free};
  std::vector<NumberHandle> numbers_;  // the builder refers to them
};

/// exponent mod (prime - 1), for the Chinese remainder theorem.
NumberHandle crt_exponent(const BIGNUM* exponent, const BIGNUM* prime) {
  const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_secure_new(), BN_CTX_free);
  NumberHandle result(BN_secure_new(), BN_clear_free);
  const NumberHandle order(BN_dup(prime), BN_clear_free);
  check(context && result && order && BN_sub_word(order.get(), 1) == 1 &&
            BN_mod(result.get(), exponent, order.get(), context.get()) == 1,
        "compute an RSA exponent");
  BN_set_flags(result.get(), BN_FLG_CONSTTIME);
  return result;
}

[[noreturn]] void throw_no_key(const char* what) {
  [[maybe_unused]] const std::string reason = take_openssl_error();
  throw Error(Exit::key,
              std::string("cannot read the ") + what + " key: its numbers are no RSA key");
}

Bytes number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  check(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "read an RSA key's number");
  const NumberHandle value(raw, BN_clear_free);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(raw)));
  BN_bn2bin(raw, as_uchar(ByteSpan(bytes)));
  return bytes;
}

void set_oaep(EVP_PKEY_CTX* context, std::string_view label) {
  check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
            EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1,
        "start RSA-OAEP");
  void* copy = OPENSSL_memdup(label.data(), label.size());
  if (copy != nullptr &&
      EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, static_cast<int>(label.size())) == 1) {
    return;
  }
  OPENSSL_free(copy);
  check(false, "start RSA-OAEP");
}

}  // namespace

RsaPublicKey RsaPublicKey::from_numbers(ByteView modulus, ByteView exponent) {
  KeyBuilder builder;
  builder.add(OSSL_PKEY_PARAM_RSA_N, number(modulus));
  builder.add(OSSL_PKEY_PARAM_RSA_E, number(exponent));
  const KeyHandle key = builder.build(EVP_PKEY_PUBLIC_KEY);
  if (!key) throw_no_key("public");
  require_length(key.get());
  return RsaPublicKey(key);
}

Bytes RsaPublicKey::modulus() const { return number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N); }
Bytes RsaPublicKey::exponent() const { return number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E); }

Bytes RsaPublicKey::encrypt_oaep(ByteView text, std::string_view label) const {
  const ContextHandle context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  check(context && EVP_PKEY_encrypt_init(context.get()) == 1, "start RSA-OAEP");
  set_oaep(context.get(), label);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  check(EVP_PKEY_encrypt(context.get(), as_uchar(ByteSpan(out)), &size, as_uchar(text),
                         text.size()) == 1,
        "encrypt with RSA-OAEP");
  out.resize(size);
  return out;
}

RsaPrivateKey RsaPrivateKey::from_numbers(const RsaPrivateNumbers& numbers) {
  NumberHandle exponent = number(numbers.private_exponent);
  NumberHandle prime1 = number(numbers.prime1);
  NumberHandle prime2 = number(numbers.prime2);
  if (BN_is_zero(prime1.get()) || BN_is_one(prime1.get()) || BN_is_zero(prime2.get()) ||
      BN_is_one(prime2.get())) {
    throw_no_key("private");
  }
  KeyBuilder builder;
  builder.add(OSSL_PKEY_PARAM_RSA_N, number(numbers.modulus));
  builder.add(OSSL_PKEY_PARAM_RSA_E, number(numbers.public_exponent));
  builder.add(OSSL_PKEY_PARAM_RSA_EXPONENT1, crt_exponent(exponent.get(), prime1.get()));
  builder.add(OSSL_PKEY_PARAM_RSA_EXPONENT2, crt_exponent(exponent.get(), prime2.get()));
  builder.add(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, number(numbers.coefficient));
  builder.add(OSSL_PKEY_PARAM_RSA_D, std::move(exponent));
  builder.add(OSSL_PKEY_PARAM_RSA_FACTOR1, std::move(prime1));
  builder.add(OSSL_PKEY_PARAM_RSA_FACTOR2, std::move(prime2));
  const KeyHandle key = builder.build(EVP_PKEY_KEYPAIR);
  if (!key) throw_no_key("private");
  return RsaPrivateKey(key);
}

std::optional<Secret> RsaPrivateKey::decrypt_oaep(ByteView ciphertext,
                                                  std::string_view label) const {
  const ContextHandle context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  check(context && EVP_PKEY_decrypt_init(context.get()) == 1, "start RSA-OAEP");
  set_oaep(context.get(), label);
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = out.size();
  const bool ok = EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                   &size, as_uchar(ciphertext), ciphertext.size()) == 1;
  std::optional<Secret> secret;
  if (ok) secret.emplace(out.substr(0, size));
  wipe(out);
  if (!ok) {
    [[maybe_unused]] const std::string reason = take_openssl_error();
  }
  return secret;
}

RsaPublicKey RsaPrivateKey::public_key() const {
  RsaPublicKey::require_length(key_.get());
  return RsaPublicKey(key_);
}

}  // namespace pgseal::crypto
