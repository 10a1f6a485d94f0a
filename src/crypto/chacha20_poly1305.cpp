#include "crypto/chacha20_poly1305.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/openssl_error.h"

namespace pgseal::crypto {

void ChaCha20Poly1305::Free::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

ChaCha20Poly1305::ChaCha20Poly1305(const Secret& key) : context_(EVP_CIPHER_CTX_new()) {
  check(context_ && key.reveal().size() == kKeySize &&
            EVP_CipherInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr,
                              as_uchar(as_bytes(key.reveal())), nullptr, 1) == 1,
        "start ChaCha20-Poly1305");
}

void ChaCha20Poly1305::start(const Nonce& nonce, bool sealing) {
  // The key stays from the constructor's call.
  check(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, as_uchar(ByteView(nonce)),
                          sealing ? 1 : 0) == 1,
        "start ChaCha20-Poly1305");
}

bool ChaCha20Poly1305::run(ByteView in, ByteSpan out) {
  int n = 0;
  if (in.empty()) return true;  // a null output would mean additional data
  return EVP_CipherUpdate(context_.get(), as_uchar(out), &n, as_uchar(in),
                          static_cast<int>(in.size())) == 1;
}

void ChaCha20Poly1305::seal(const Nonce& nonce, ByteView text, ByteSpan out) {
  start(nonce, true);
  unsigned char rest[kTagSize];
  int n = 0;
  check(run(text, out) && EVP_CipherFinal_ex(context_.get(), rest, &n) == 1 &&
            EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                                as_uchar(out.subspan(text.size()))) == 1,
        "run ChaCha20-Poly1305");
}

bool ChaCha20Poly1305::open(const Nonce& nonce, ByteView sealed, ByteSpan out) {
  start(nonce, false);
  std::array<std::byte, kTagSize> tag;
  const ByteView given = sealed.last(kTagSize);
  std::copy(given.begin(), given.end(), tag.begin());
  check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize,
                            as_uchar(ByteSpan(tag))) == 1 &&
            run(sealed.first(sealed.size() - kTagSize), out),
        "run ChaCha20-Poly1305");
  unsigned char rest[kTagSize];
  int n = 0;
  if (EVP_CipherFinal_ex(context_.get(), rest, &n) == 1) return true;
  explicit_bzero(out.data(), out.size());
  [[maybe_unused]] const std::string reason = take_openssl_error();
  return false;
}

}  // namespace pgseal::crypto
