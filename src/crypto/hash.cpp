#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "crypto/openssl_error.h"

namespace pgseal::crypto {

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "start SHA-256");
}

void Sha256::update(ByteView bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "compute SHA-256");
}

Digest Sha256::finish() {
  Digest digest;
  check(EVP_DigestFinal_ex(context_.get(), as_uchar(ByteSpan(digest)), nullptr) == 1 &&
            EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
        "finish SHA-256");
  return digest;
}

Digest sha256(ByteView bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::array<std::byte, 16> md5(ByteView bytes) {
  std::array<std::byte, 16> digest;
  check(EVP_Digest(bytes.data(), bytes.size(), as_uchar(ByteSpan(digest)), nullptr, EVP_md5(),
                   nullptr) == 1,
        "compute MD5");
  return digest;
}

Digest hmac_sha256(ByteView key, ByteView message) {
  Digest mac;
  check(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_uchar(message),
             message.size(), as_uchar(ByteSpan(mac)), nullptr) != nullptr,
        "compute HMAC-SHA256");
  return mac;
}

Digest hkdf_sha256(ByteView secret, ByteView salt, ByteView info) {
  // Extract, then expand to one block: T(1) = HMAC(PRK, info || 0x01).
  Digest extracted = hmac_sha256(salt, secret);
  Bytes block(info.begin(), info.end());
  block.push_back(std::byte{1});
  const Digest key = hmac_sha256(extracted, block);
  explicit_bzero(extracted.data(), extracted.size());
  return key;
}

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void random_bytes(ByteSpan out) {
  check(RAND_bytes(as_uchar(out), static_cast<int>(out.size())) == 1, "get random bytes");
}

std::string to_base64(ByteView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends with a zero
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), as_uchar(bytes),
                                static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace pgseal::crypto
