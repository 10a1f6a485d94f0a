#include "crypto/rsa_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <exception>

#include "base/format.h"
#include "crypto/hash.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr int kMinBits = 2048;

using BioHandle = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using ContextHandle = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

BioHandle open_bio(std::string_view text) {
  BioHandle bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all);
  check(bio != nullptr, "read a key");
  return bio;
}

KeyHandle own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

/// PEM_read_bio_PUBKEY knows "PUBLIC KEY"; "RSA PUBLIC KEY" is PKCS#1.
EVP_PKEY* read_public(std::string_view pem) {
  EVP_PKEY* key = nullptr;
  if (pem.find("-----BEGIN RSA PUBLIC KEY-----") != std::string_view::npos) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* der = nullptr;
    long size = 0;
    if (PEM_read_bio(open_bio(pem).get(), &name, &header, &der, &size) == 1) {
      const unsigned char* p = der;
      key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &p, size);
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_free(der);
    }
  } else {
    key = PEM_read_bio_PUBKEY(open_bio(pem).get(), nullptr, nullptr, nullptr);
  }
  return key;
}

void require_rsa(const EVP_PKEY* key, const char* what) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return;
  throw Error(Exit::key, format("cannot use the {} key: it is not an RSA key", what));
}

struct Asking {
  const RsaPrivateKey::AskPassphrase& ask;
  bool asked = false;
  bool given = false;
  std::exception_ptr error = nullptr;  // of asking; may not pass through libcrypto
};

int give_passphrase(char* out, int size, int /*for_writing*/, void* context) {
  auto& asking = *static_cast<Asking*>(context);
  asking.asked = true;
  std::optional<Secret> phrase;
  try {
    if (asking.ask) phrase = asking.ask();
  } catch (...) {
    asking.error = std::current_exception();
  }
  if (!phrase) return -1;
  asking.given = true;
  const std::string_view text = phrase->reveal();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), out);
  return static_cast<int>(text.size());
}

}  // namespace

void RsaPublicKey::require_length(const evp_pkey_st* key) {
  if (const int bits = EVP_PKEY_get_bits(key); bits < kMinBits) {
    throw Error(Exit::key, format("cannot use the public key: {} bits are too short, at least {} "
                                  "are needed",
                                  bits, kMinBits))
        .with_hint("make a new pair: openssl genrsa -des3 -out private_key.pem 4096");
  }
}

RsaPublicKey RsaPublicKey::from_pem(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    throw Error(Exit::key, "cannot use the public key: it is a private key")
        .with_hint(
            "keep the private key off this machine; `openssl rsa -in private_key.pem -outform PEM "
            "-pubout -out public_key.pem` derives the public one");
  }
  const KeyHandle key = own(read_public(pem));
  if (!key) {
    const std::string reason = take_openssl_error();
    throw Error(Exit::key, format("cannot read the public key: it is not a public key in PEM ({})",
                                  reason.empty() ? "no PEM block" : reason))
        .with_hint("it should begin with \"-----BEGIN PUBLIC KEY-----\"");
  }
  require_rsa(key.get(), "public");
  require_length(key.get());
  return RsaPublicKey(key);
}

Bytes RsaPublicKey::encrypt(std::string_view text) const {
  const ContextHandle context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  check(context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
            EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
            EVP_PKEY_encrypt(context.get(), as_uchar(ByteSpan(out)), &size,
                             as_uchar(as_bytes(text)), text.size()) == 1,
        "encrypt with RSA");
  out.resize(size);
  return out;
}

int RsaPublicKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

std::string RsaPublicKey::fingerprint() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  check(size > 0, "encode a public key");
  const Digest digest = sha256(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  return to_hex(digest);
}

RsaPrivateKey RsaPrivateKey::from_pem(std::string_view pem, const AskPassphrase& ask) {
  Asking asking{ask};
  const KeyHandle key =
      own(PEM_read_bio_PrivateKey(open_bio(pem).get(), nullptr, give_passphrase, &asking));
  if (!key) {
    const std::string reason = take_openssl_error();
    if (asking.error) std::rethrow_exception(asking.error);
    if (asking.asked && !asking.given) {
      throw Error(Exit::key, "cannot open the private key: it needs a pass phrase, none was given")
          .with_hint("run on a terminal, or give --passphrase-file");
    }
    if (asking.asked) {
      throw Error(Exit::key, "cannot open the private key: wrong pass phrase, or damaged");
    }
    if (pem.find("PUBLIC KEY-----") != std::string_view::npos) {
      throw Error(Exit::key, "cannot use the private key: it is a public key");
    }
    throw Error(Exit::key,
                format("cannot read the private key: it is not a private key in PEM ({})",
                       reason.empty() ? "no PEM block" : reason));
  }
  require_rsa(key.get(), "private");
  return RsaPrivateKey(key);
}

Secret RsaPrivateKey::decrypt(ByteView ciphertext) const {
  const ContextHandle context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  check(context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
            EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
        "start RSA decryption");
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       as_uchar(ciphertext), ciphertext.size()) != 1) {
    [[maybe_unused]] const std::string reason = take_openssl_error();
    wipe(out);
    throw Error(Exit::key,
                "cannot decrypt with the private key: it is not the right one, or the "
                "data is damaged");
  }
  Secret secret(out.substr(0, size));
  wipe(out);
  return secret;
}

}  // namespace pgseal::crypto
