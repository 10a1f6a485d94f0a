#include "crypto/ssh_key.h"

#include <openssl/evp.h>
#include <string.h>

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "base/format.h"
#include "crypto/base64.h"
#include "crypto/bcrypt_pbkdf.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::string_view kRsa = "ssh-rsa";
constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
constexpr std::size_t kSeedSize = 32;
constexpr std::size_t kCipherBlock = 16;

/// RFC 4251, 5: the wire's types. Whoever reads past the end sets `damaged()` and gets nothing.
class WireReader final {
 public:
  explicit WireReader(ByteView bytes) : rest_(bytes) {}

  std::uint32_t number() {
    std::uint32_t value = 0;
    for (const std::byte byte : take(4)) value = value << 8 | static_cast<std::uint32_t>(byte);
    return value;
  }
  ByteView string() { return take(number()); }
  ByteView take(std::size_t size) {
    damaged_ = damaged_ || size > rest_.size();
    if (damaged_) return {};
    const ByteView bytes = rest_.first(size);
    rest_ = rest_.subspan(size);
    return bytes;
  }
  [[nodiscard]] ByteView rest() const { return rest_; }
  [[nodiscard]] bool damaged() const { return damaged_; }
  [[nodiscard]] bool done() const { return !damaged_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool damaged_ = false;
};

void put_string(Bytes& wire, ByteView bytes) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    wire.push_back(static_cast<std::byte>(bytes.size() >> (shift - 8)));
  }
  wire.insert(wire.end(), bytes.begin(), bytes.end());
}

/// "mpint": with a zero before it where its first bit is set, since negative numbers exist.
void put_number(Bytes& wire, ByteView big_endian) {
  Bytes number;
  if (!big_endian.empty() && (big_endian.front() & std::byte{0x80}) != std::byte{}) {
    number.push_back(std::byte{});
  }
  number.insert(number.end(), big_endian.begin(), big_endian.end());
  put_string(wire, number);
}

[[noreturn]] void throw_unreadable(std::string_view what, std::string_view why) {
  throw Error(Exit::key, format("cannot read the SSH {} key: {}", what, why));
}

[[noreturn]] void throw_other_kind(std::string_view what, std::string_view type) {
  // The type is the key's own text: nothing odd of it belongs in a message.
  const bool printable =
      !type.empty() && type.size() <= 64 &&
      std::all_of(type.begin(), type.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  throw Error(Exit::key, format("cannot use the SSH {} key: {} is not a kind that age knows", what,
                                printable ? format("\"{}\"", type) : "its type"))
      .with_hint("keys of the kinds ssh-ed25519 and ssh-rsa can be used");
}

Ed25519PrivateKey read_ed25519(WireReader& wire) {
  const ByteView point = wire.string();
  const ByteView secret = wire.string();  // the seed, then the public key again
  if (point.size() != kSeedSize || secret.size() != 2 * kSeedSize) {
    throw_unreadable("private", "it is damaged");
  }
  Ed25519PrivateKey key{Secret{std::string(as_text(secret.first(kSeedSize)))}};
  const CurvePoint derived = ed25519_public_key(key.seed);
  if (!std::ranges::equal(derived, point) || !std::ranges::equal(derived, secret.last(kSeedSize))) {
    throw_unreadable("private", "its two halves do not belong together");
  }
  return key;
}

RsaPrivateKey read_rsa(WireReader& wire) {
  RsaPrivateNumbers numbers;
  numbers.modulus = wire.string();
  numbers.public_exponent = wire.string();
  numbers.private_exponent = wire.string();
  numbers.coefficient = wire.string();
  numbers.prime1 = wire.string();
  numbers.prime2 = wire.string();
  if (wire.damaged()) throw_unreadable("private", "it is damaged");
  return RsaPrivateKey::from_numbers(numbers);
}

/// The part that protected keys have encrypted: check numbers, key, comment, padding 1, 2, 3, ...
SshPrivateKey read_private_section(ByteView section) {
  WireReader wire(section);
  const std::uint32_t check1 = wire.number();
  const std::uint32_t check2 = wire.number();
  const std::string_view type = as_text(wire.string());
  if (wire.damaged() || check1 != check2) throw_unreadable("private", "it is damaged");
  if (type != kEd25519 && type != kRsa) throw_other_kind("private", type);
  SshPrivateKey key = type == kEd25519 ? SshPrivateKey(read_ed25519(wire)) : read_rsa(wire);
  (void)wire.string();  // the comment
  bool padded = !wire.damaged();
  unsigned expected = 0;
  for (const std::byte byte : wire.rest()) padded = padded && byte == std::byte(++expected & 0xff);
  if (!padded) throw_unreadable("private", "it is damaged");
  return key;
}

/// The base64 between the marks, decoded; to be wiped.
Bytes unwrap_text(std::string_view text) {
  text.remove_prefix(text.find(kBegin) + kBegin.size());
  std::string flat;
  flat.reserve(text.size());
  for (const char c : text.substr(0, text.find(kEnd))) {
    if (c != '\n' && c != '\r') flat += c;
  }
  auto bytes = text.find(kEnd) == std::string_view::npos ? std::nullopt : from_base64(flat);
  wipe(flat);
  if (!bytes) throw_unreadable("private", "it is not whole, or not base64");
  return std::move(*bytes);
}

/// How a private section is protected: names and options as the file has them.
struct Protection {
  std::string_view cipher;
  std::string_view derivation;
  ByteView options;
};

/// The ciphers that OpenSSH has written private keys with, but for those that authenticate.
const EVP_CIPHER* find_cipher(std::string_view name) {
  if (name == "aes256-ctr") return EVP_aes_256_ctr();
  if (name == "aes192-ctr") return EVP_aes_192_ctr();
  if (name == "aes128-ctr") return EVP_aes_128_ctr();
  if (name == "aes256-cbc") return EVP_aes_256_cbc();
  if (name == "aes192-cbc") return EVP_aes_192_cbc();
  if (name == "aes128-cbc") return EVP_aes_128_cbc();
  return nullptr;
}

Secret decrypt_section(const EVP_CIPHER* cipher, const Secret& key_and_iv, ByteView section) {
  const auto key = as_bytes(key_and_iv.reveal());
  const auto key_size = static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher));
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string plain(section.size(), '\0');
  int size = 0;
  check(context &&
            EVP_DecryptInit_ex(context.get(), cipher, nullptr, as_uchar(key),
                               as_uchar(key.subspan(key_size))) == 1 &&
            EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
            EVP_DecryptUpdate(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                              as_uchar(section), static_cast<int>(section.size())) == 1,
        "decrypt an SSH key");
  return Secret(std::move(plain));
}

SshPrivateKey open_protected(const Protection& protection, ByteView section,
                             const RsaPrivateKey::AskPassphrase& ask) {
  const EVP_CIPHER* cipher = find_cipher(protection.cipher);
  WireReader options(protection.options);
  const ByteView salt = options.string();
  const std::uint32_t rounds = options.number();
  if (!options.done() || salt.empty() || rounds == 0 || section.empty() ||
      section.size() % kCipherBlock != 0) {
    throw_unreadable("private", "it is damaged");
  }
  const std::optional<Secret> passphrase = ask ? ask() : std::nullopt;
  if (!passphrase) {
    throw Error(Exit::key,
                "cannot open the SSH private key: it needs a pass phrase, none was given")
        .with_hint("run on a terminal, or give --passphrase-file");
  }
  const auto key_size = static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher));
  const Secret key = bcrypt_pbkdf(*passphrase, salt, rounds, key_size + kCipherBlock);
  const Secret plain = decrypt_section(cipher, key, section);
  WireReader checks(as_bytes(plain.reveal()));
  if (checks.number() != checks.number()) {
    throw Error(Exit::key, "cannot open the SSH private key: wrong pass phrase, or damaged");
  }
  return read_private_section(as_bytes(plain.reveal()));
}

}  // namespace

SshPublicKey parse_ssh_public_key(std::string_view line) {
  const std::string_view type = line.substr(0, line.find(' '));
  if (type != kEd25519 && type != kRsa) throw_other_kind("public", type);
  line.remove_prefix(std::min(line.size(), type.size() + 1));
  const auto blob = from_base64(line.substr(0, line.find_first_of(" \t")));
  if (!blob) throw_unreadable("public", "it is not base64");
  WireReader wire(*blob);
  const bool same_type = as_text(wire.string()) == type;
  const ByteView first = wire.string();
  const ByteView second = type == kRsa ? wire.string() : ByteView();
  if (!same_type || !wire.done()) throw_unreadable("public", "it is damaged");
  SshPublicKey key;
  if (type == kRsa) {
    key = RsaPublicKey::from_numbers(second, first);
  } else {
    if (first.size() != CurvePoint().size()) throw_unreadable("public", "it is damaged");
    std::ranges::copy(first, std::get<Ed25519PublicKey>(key).point.begin());
  }
  // One way to write each key: its fingerprint is over the wire form.
  if (ssh_wire(key) != *blob)
    throw_unreadable("public", "its numbers are not in their shortest form");
  return key;
}

std::string ssh_type(const SshPublicKey& key) {
  return std::string(std::holds_alternative<Ed25519PublicKey>(key) ? kEd25519 : kRsa);
}

Bytes ssh_wire(const SshPublicKey& key) {
  Bytes wire;
  put_string(wire, as_bytes(ssh_type(key)));
  if (const auto* ed25519 = std::get_if<Ed25519PublicKey>(&key)) {
    put_string(wire, ed25519->point);
  } else {
    const auto& rsa = std::get<RsaPublicKey>(key);
    put_number(wire, rsa.exponent());
    put_number(wire, rsa.modulus());
  }
  return wire;
}

bool is_ssh_private_key(std::string_view text) {
  return text.find(kBegin) != std::string_view::npos;
}

SshPrivateKey parse_ssh_private_key(std::string_view text,
                                    const RsaPrivateKey::AskPassphrase& ask) {
  Bytes bytes = unwrap_text(text);
  const Secret owner{std::string(as_text(bytes))};
  explicit_bzero(bytes.data(), bytes.size());
  WireReader wire(as_bytes(owner.reveal()));
  const bool known = as_text(wire.take(kMagic.size())) == kMagic;
  Protection protection;
  protection.cipher = as_text(wire.string());
  protection.derivation = as_text(wire.string());
  protection.options = wire.string();
  const std::uint32_t count = wire.number();
  (void)wire.string();  // the public key, which the private section has too
  const ByteView section = wire.string();
  if (!known || wire.damaged() || count != 1) throw_unreadable("private", "it is damaged");
  const bool is_protected = protection.cipher != "none";
  if (is_protected &&
      (find_cipher(protection.cipher) == nullptr || protection.derivation != "bcrypt")) {
    throw Error(Exit::key, "cannot open the SSH private key: it is protected in an unknown way")
        .with_hint("ssh-keygen -p -Z aes256-ctr -f FILE changes that");
  }
  if (!wire.done()) throw_unreadable("private", "it is damaged");
  return is_protected ? open_protected(protection, section, ask) : read_private_section(section);
}

}  // namespace pgseal::crypto
