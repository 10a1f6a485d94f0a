#include "crypto/bcrypt_pbkdf.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr std::size_t kBlockSize = 32;  // what one run of bcrypt yields
constexpr std::string_view kMagic = "OxychromaticBlowfishSwatDynamite";

using Sha512 = std::array<std::byte, 64>;
using Block = std::array<std::byte, kBlockSize>;

/// Blowfish's subkeys and S-boxes, in the order in which they are filled.
struct Boxes {
  std::array<std::uint32_t, 18> p{};
  std::array<std::array<std::uint32_t, 256>, 4> s{};
};

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

/// arctan(1 / x) times 2^bits, by Gregory's series.
Number arctan_inverse(BN_ULONG x, int bits) {
  Number sum(BN_new(), BN_free);
  Number power(BN_new(), BN_free);
  Number term(BN_new(), BN_free);
  check(sum && power && term && BN_set_bit(power.get(), bits) == 1, "compute pi");
  BN_div_word(power.get(), x);
  for (BN_ULONG n = 1; !BN_is_zero(power.get()); n += 2) {
    check(BN_copy(term.get(), power.get()) != nullptr, "compute pi");
    BN_div_word(term.get(), n);
    check((n % 4 == 1 ? BN_add : BN_sub)(sum.get(), sum.get(), term.get()) == 1, "compute pi");
    BN_div_word(power.get(), x * x);
  }
  return sum;
}

/// The state that Blowfish starts with: the digits of pi behind the point.
Boxes pi_boxes() {
  constexpr int kBits = static_cast<int>(sizeof(Boxes)) * 8;
  constexpr int kSpare = 64;  // for what the series' terms lose by rounding
  const Number a = arctan_inverse(5, kBits + kSpare);
  const Number b = arctan_inverse(239, kBits + kSpare);
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)
  check(BN_mul_word(a.get(), 16) == 1 && BN_mul_word(b.get(), 4) == 1 &&
            BN_sub(a.get(), a.get(), b.get()) == 1 && BN_mask_bits(a.get(), kBits + kSpare) == 1 &&
            BN_rshift(a.get(), a.get(), kSpare) == 1,
        "compute pi");
  Bytes digits(sizeof(Boxes));
  check(BN_bn2binpad(a.get(), as_uchar(ByteSpan(digits)), static_cast<int>(digits.size())) > 0,
        "compute pi");
  const std::byte* at = digits.data();
  const auto take = [&at] {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8 | static_cast<std::uint32_t>(*at++);
    return word;
  };
  Boxes boxes;
  std::generate(boxes.p.begin(), boxes.p.end(), take);
  for (auto& box : boxes.s) std::generate(box.begin(), box.end(), take);
  return boxes;
}

/// The words of a text that is read again and again.
class Words final {
 public:
  explicit Words(ByteView bytes) : bytes_(bytes) {}
  std::uint32_t next() {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) {
      word = word << 8 | static_cast<std::uint32_t>(bytes_[at_]);
      at_ = (at_ + 1) % bytes_.size();
    }
    return word;
  }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

class Blowfish final {
 public:
  Blowfish() {
    static const Boxes kStart = pi_boxes();
    boxes_ = kStart;
  }
  Blowfish(const Blowfish&) = delete;
  Blowfish& operator=(const Blowfish&) = delete;
  ~Blowfish() { explicit_bzero(&boxes_, sizeof boxes_); }

  /// bcrypt's ExpandKey; without a salt it is Blowfish's own key schedule.
  void expand(ByteView key, ByteView salt = {}) {
    Words key_words(key);
    for (std::uint32_t& subkey : boxes_.p) subkey ^= key_words.next();
    Words salt_words(salt);
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    const auto fill = [&](auto& words) {
      for (std::size_t i = 0; i < words.size(); i += 2) {
        if (!salt.empty()) {
          left ^= salt_words.next();
          right ^= salt_words.next();
        }
        encrypt(left, right);
        words[i] = left;
        words[i + 1] = right;
      }
    };
    fill(boxes_.p);
    for (auto& box : boxes_.s) fill(box);
  }

  void encrypt(std::uint32_t& left, std::uint32_t& right) const {
    for (std::size_t i = 0; i < 16; i += 2) {
      left ^= boxes_.p[i];
      right ^= mix(left) ^ boxes_.p[i + 1];
      left ^= mix(right);
    }
    const std::uint32_t last = left ^ boxes_.p[16];
    left = right ^ boxes_.p[17];
    right = last;
  }

 private:
  [[nodiscard]] std::uint32_t mix(std::uint32_t x) const {
    return ((boxes_.s[0][x >> 24] + boxes_.s[1][x >> 16 & 255]) ^ boxes_.s[2][x >> 8 & 255]) +
           boxes_.s[3][x & 255];
  }

  Boxes boxes_;
};

Sha512 sha512(ByteView bytes) {
  Sha512 digest;
  check(EVP_Digest(bytes.data(), bytes.size(), as_uchar(ByteSpan(digest)), nullptr, EVP_sha512(),
                   nullptr) == 1,
        "compute SHA-512");
  return digest;
}

/// bcrypt of fixed cost, over hashes.
Block bcrypt(const Sha512& passphrase, const Sha512& salt) {
  Blowfish blowfish;
  blowfish.expand(passphrase, salt);
  for (int i = 0; i < 64; ++i) {
    blowfish.expand(salt);
    blowfish.expand(passphrase);
  }
  Words magic(as_bytes(kMagic));
  Block block;
  for (std::size_t at = 0; at < kBlockSize; at += 8) {
    std::uint32_t left = magic.next();
    std::uint32_t right = magic.next();
    for (int i = 0; i < 64; ++i) blowfish.encrypt(left, right);
    for (std::size_t i = 0; i < 4; ++i) {  // little-endian, other than what goes in
      block[at + i] = static_cast<std::byte>(left >> (8 * i));
      block[at + 4 + i] = static_cast<std::byte>(right >> (8 * i));
    }
  }
  return block;
}

/// PBKDF2's F for the block of this number, counted from 1.
Block make_block(const Sha512& passphrase, ByteView salt, std::uint32_t rounds,
                 std::uint32_t number) {
  Bytes salted(salt.begin(), salt.end());
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    salted.push_back(static_cast<std::byte>(number >> (shift - 8)));
  }
  Block last = bcrypt(passphrase, sha512(salted));
  Block sum = last;
  for (std::uint32_t round = 1; round < rounds; ++round) {
    last = bcrypt(passphrase, sha512(last));
    std::transform(sum.begin(), sum.end(), last.begin(), sum.begin(), std::bit_xor<>());
  }
  return sum;
}

}  // namespace

Secret bcrypt_pbkdf(const Secret& passphrase, ByteView salt, std::uint32_t rounds,
                    std::size_t size) {
  const std::size_t blocks = (size + kBlockSize - 1) / kBlockSize;
  const std::size_t used = (size + blocks - 1) / blocks;  // of each block
  Sha512 hashed = sha512(as_bytes(passphrase.reveal()));
  std::string key(size, '\0');
  for (std::size_t i = 0; i < blocks; ++i) {
    Block block = make_block(hashed, salt, rounds, static_cast<std::uint32_t>(i + 1));
    // Other than in PBKDF2, the blocks' bytes take turns.
    for (std::size_t k = 0; k < used && k * blocks + i < size; ++k) {
      key[k * blocks + i] = static_cast<char>(block[k]);
    }
    explicit_bzero(block.data(), block.size());
  }
  explicit_bzero(hashed.data(), hashed.size());
  return Secret(std::move(key));
}

}  // namespace pgseal::crypto
