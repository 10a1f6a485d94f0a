#include "crypto/openssl_enc.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kMagic = "Salted__";
constexpr std::size_t kSaltSize = 8;
constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kSecretBytes = 128;
constexpr std::size_t kLine = 64;

/// One step of the cipher takes at most this much, so that sizes fit int.
constexpr std::size_t kMaxStep = 64 * kMiB;

using CipherHandle = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherHandle start_cipher(const Secret& passphrase, ByteView salt, bool encrypt) {
  unsigned char key[32];
  unsigned char iv[16];
  const std::string_view phrase = passphrase.reveal();
  check(EVP_BytesToKey(EVP_aes_256_cbc(), EVP_sha256(), as_uchar(salt), as_uchar(as_bytes(phrase)),
                       static_cast<int>(phrase.size()), 1, key, iv) == sizeof key,
        "derive the AES key");
  CipherHandle cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  check(cipher && EVP_CipherInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, key, iv,
                                    encrypt ? 1 : 0) == 1,
        "start AES-256-CBC");
  explicit_bzero(key, sizeof key);
  explicit_bzero(iv, sizeof iv);
  return cipher;
}

/// Bytes that are ready but found no room. Small: a header or the last block.
class Leftover final {
 public:
  void set(ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    size_ = bytes.size();
    at_ = 0;
  }
  std::size_t take(ByteSpan out) {
    const std::size_t n = std::min(out.size(), size_ - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    return n;
  }
  [[nodiscard]] bool empty() const { return at_ == size_; }

 private:
  std::array<std::byte, 2 * kBlock> bytes_{};
  std::size_t size_ = 0;
  std::size_t at_ = 0;
};

/// Drives the cipher so that `out` may be of any size: a step yields at most one block more than it
/// takes, so what does not surely fit goes through `leftover` a block at a time.
Transform::Progress step(EVP_CIPHER_CTX* cipher, Leftover& leftover, ByteView in, ByteSpan out) {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  for (;;) {
    produced += leftover.take(out.subspan(produced));
    if (!leftover.empty() || produced == out.size() || consumed == in.size()) break;
    const ByteView rest = in.subspan(consumed);
    const std::size_t room = out.size() - produced;
    int n = 0;
    if (room > kBlock) {
      const std::size_t take = std::min({rest.size(), room - kBlock, kMaxStep});
      check(EVP_CipherUpdate(cipher, as_uchar(out.subspan(produced)), &n, as_uchar(rest),
                             static_cast<int>(take)) == 1,
            "run AES-256-CBC");
      consumed += take;
      produced += static_cast<std::size_t>(n);
    } else {
      std::byte block[2 * kBlock];
      const std::size_t take = std::min(rest.size(), kBlock);
      check(EVP_CipherUpdate(cipher, as_uchar(ByteSpan(block)), &n, as_uchar(rest),
                             static_cast<int>(take)) == 1,
            "run AES-256-CBC");
      consumed += take;
      leftover.set(ByteView(block).first(static_cast<std::size_t>(n)));
    }
  }
  return {consumed, produced};
}

}  // namespace

Secret make_enc_secret() {
  Bytes raw(kSecretBytes);
  random_bytes(raw);
  std::string flat = to_base64(raw);
  explicit_bzero(raw.data(), raw.size());
  std::string text;
  text.reserve(flat.size() + flat.size() / kLine + 1);  // no second copy is left behind by growth
  for (std::size_t at = 0; at < flat.size(); at += kLine) {
    text.append(flat, at, kLine);
    text += '\n';
  }
  Secret secret(std::move(text));
  wipe(flat);
  return secret;
}

Secret enc_passphrase(const Secret& file_text) {
  const std::string_view text = file_text.reveal();
  const std::string_view line = text.substr(0, text.find('\n'));
  return Secret(std::string(line));
}

struct OpensslEncryptor::State {
  CipherHandle cipher{nullptr, EVP_CIPHER_CTX_free};
  Leftover leftover;
  bool finished = false;
};

OpensslEncryptor::OpensslEncryptor(const Secret& passphrase) : state_(std::make_unique<State>()) {
  std::array<std::byte, kHeaderSize> header;
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  const ByteSpan salt = ByteSpan(header).subspan(kMagic.size());
  random_bytes(salt);
  state_->cipher = start_cipher(passphrase, salt, true);
  state_->leftover.set(header);
}

OpensslEncryptor::~OpensslEncryptor() = default;

Transform::Progress OpensslEncryptor::update(ByteView in, ByteSpan out) {
  return step(state_->cipher.get(), state_->leftover, in, out);
}

std::size_t OpensslEncryptor::finish(ByteSpan out) {
  if (state_->leftover.empty() && !state_->finished) {
    std::byte block[kBlock];
    int n = 0;
    check(EVP_CipherFinal_ex(state_->cipher.get(), as_uchar(ByteSpan(block)), &n) == 1,
          "finish AES-256-CBC");
    state_->leftover.set(ByteView(block).first(static_cast<std::size_t>(n)));
    state_->finished = true;
  }
  return state_->leftover.take(out);
}

struct OpensslDecryptor::State {
  Secret passphrase;
  std::array<std::byte, kHeaderSize> header{};
  std::size_t header_size = 0;
  CipherHandle cipher{nullptr, EVP_CIPHER_CTX_free};
  Leftover leftover;
  bool finished = false;
};

OpensslDecryptor::OpensslDecryptor(Secret passphrase) : state_(std::make_unique<State>()) {
  state_->passphrase = std::move(passphrase);
}

OpensslDecryptor::~OpensslDecryptor() = default;

Transform::Progress OpensslDecryptor::update(ByteView in, ByteSpan out) {
  State& s = *state_;
  std::size_t taken = 0;
  if (!s.cipher) {
    taken = std::min(in.size(), kHeaderSize - s.header_size);
    std::copy_n(in.begin(), taken, s.header.begin() + static_cast<std::ptrdiff_t>(s.header_size));
    s.header_size += taken;
    if (s.header_size < kHeaderSize) return {taken, 0};
    if (!as_text(s.header).starts_with(kMagic)) {
      throw Error(Exit::verification, "cannot decrypt: not the output of openssl enc");
    }
    s.cipher = start_cipher(s.passphrase, ByteView(s.header).last(kSaltSize), false);
  }
  const auto progress = step(s.cipher.get(), s.leftover, in.subspan(taken), out);
  return {taken + progress.consumed, progress.produced};
}

std::size_t OpensslDecryptor::finish(ByteSpan out) {
  State& s = *state_;
  if (!s.cipher) throw Error(Exit::verification, "cannot decrypt: data ends too early");
  if (s.leftover.empty() && !s.finished) {
    std::byte block[kBlock];
    int n = 0;
    if (EVP_CipherFinal_ex(s.cipher.get(), as_uchar(ByteSpan(block)), &n) != 1) {
      throw Error(Exit::verification,
                  "cannot decrypt: wrong key, or the data is damaged or truncated (" +
                      take_openssl_error() + ")");
    }
    s.leftover.set(ByteView(block).first(static_cast<std::size_t>(n)));
    s.finished = true;
  }
  return s.leftover.take(out);
}

}  // namespace pgseal::crypto
