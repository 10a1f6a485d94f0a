#include "crypto/minisign.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/format.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::size_t kMaxTrustedComment = 8191;
constexpr std::string_view kAlgorithm = "Ed";
constexpr std::string_view kPrehashed = "ED";
constexpr std::string_view kScrypt = "Sc";
constexpr std::string_view kNoKdf{"\0\0", 2};
constexpr std::string_view kBlake2 = "B2";

// "Public key format": algorithm, key id, key.
constexpr std::size_t kPublicSize = 2 + 8 + 32;
// "Signature format": algorithm, key id, signature.
constexpr std::size_t kSignatureSize = 64;
// "Secret key format": three algorithms, salt, two limits, and what the limits protect: key id,
// seed, public key, checksum.
constexpr std::size_t kSaltAt = 6, kOpsAt = 38, kMemoryAt = 46, kProtectedAt = 54;
constexpr std::size_t kProtectedSize = 8 + 32 + 32 + 32;
constexpr std::size_t kSecretSize = kProtectedAt + kProtectedSize;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Key private_key(const Secret& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, as_uchar(as_bytes(seed.reveal())),
                                       seed.reveal().size()),
          EVP_PKEY_free);
  check(key != nullptr, "use an Ed25519 key");
  return key;
}

std::string ed25519_sign(const Secret& seed, std::string_view message) {
  const Key key = private_key(seed);
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  std::size_t size = signature.size();
  check(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           as_uchar(as_bytes(message)), message.size()) == 1,
        "sign with Ed25519");
  return signature;
}

bool ed25519_verify(ByteView public_key, std::string_view signature, std::string_view message) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_uchar(public_key),
                                            public_key.size()),
                EVP_PKEY_free);
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  check(key && context &&
            EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1,
        "verify with Ed25519");
  const bool right =
      EVP_DigestVerify(context.get(), as_uchar(as_bytes(signature)), signature.size(),
                       as_uchar(as_bytes(message)), message.size()) == 1;
  (void)take_openssl_error();  // a wrong signature leaves some
  return right;
}

std::string blake2b_512(ByteView message) {
  std::string digest(64, '\0');
  check(EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   nullptr, EVP_blake2b512(), nullptr) == 1,
        "compute BLAKE2b");
  return digest;
}

/// What a secret key file's checksum has to be.
std::string key_checksum(std::string_view id, std::string_view pair) {
  std::string text(kAlgorithm);
  text.append(id).append(pair);
  std::string sum(32, '\0');
  check(crypto_generichash(reinterpret_cast<unsigned char*>(sum.data()), sum.size(),
                           as_uchar(as_bytes(text)), text.size(), nullptr, 0) == 0,
        "compute BLAKE2b");
  wipe(text);
  return sum;
}

/// The bytes of a base64 line, which may be those of a secret key.
std::optional<Secret> decode(std::string_view line) {
  std::optional<Bytes> bytes = from_base64(line);
  if (!bytes) return std::nullopt;
  Secret result(std::string(as_text(*bytes)));
  sodium_memzero(bytes->data(), bytes->size());
  return result;
}

/// The base64 line of a key file or of a variable, its comment taken away.
std::string_view key_line(std::string_view text) {
  const auto trim = [&] {
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(first);
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  };
  trim();
  if (text.starts_with(kUntrusted)) {
    text.remove_prefix(std::min(text.find('\n'), text.size()));
    trim();
  }
  return text;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string to_little_endian(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

/// `bytes` under the key stream that a pass phrase makes: encryption and decryption.
Secret with_key_stream(std::string_view bytes, const Secret& passphrase, std::string_view salt,
                       std::uint64_t opslimit, std::uint64_t memlimit) {
  if (opslimit > crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE ||
      memlimit > crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE) {
    throw Error(Exit::key, "the minisign secret key asks for more work than minisign ever does");
  }
  check(sodium_init() >= 0, "start libsodium");
  std::string stream(bytes.size(), '\0');
  if (crypto_pwhash_scryptsalsa208sha256(reinterpret_cast<unsigned char*>(stream.data()),
                                         stream.size(), passphrase.reveal().data(),
                                         passphrase.reveal().size(), as_uchar(as_bytes(salt)),
                                         opslimit, static_cast<std::size_t>(memlimit)) != 0) {
    throw Error(Exit::key, format("cannot derive a key from the pass phrase: that takes {} MiB of "
                                  "memory",
                                  memlimit / kMiB));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    stream[i] = static_cast<char>(stream[i] ^ bytes[i]);
  }
  return Secret(std::move(stream));
}

/// The four lines of a signature file.
struct SignatureFile {
  std::string signature, key_id, trusted_comment, global_signature;

  static SignatureFile parse(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
      lines.push_back(text.substr(0, end));
    }
    if (lines.size() != 4 || !text.empty() || !lines[0].starts_with(kUntrusted) ||
        !lines[2].starts_with(kTrusted)) {
      throw malformed();
    }
    const auto signature = decode(lines[1]);
    const auto global = decode(lines[3]);
    if (!signature || signature->reveal().size() != 2 + 8 + kSignatureSize || !global ||
        global->reveal().size() != kSignatureSize) {
      throw malformed();
    }
    const std::string_view bytes = signature->reveal();
    if (bytes.substr(0, 2) == kAlgorithm) {
      throw Error(Exit::verification, "the signature is a legacy one, not of the prehashed message")
          .with_hint("minisign -S of version 0.10 or later, without -l, makes the other kind");
    }
    if (bytes.substr(0, 2) != kPrehashed) throw malformed();
    return {.signature = std::string(bytes.substr(10)),
            .key_id = std::string(bytes.substr(2, 8)),
            .trusted_comment = std::string(lines[2].substr(kTrusted.size())),
            .global_signature = std::string(global->reveal())};
  }

  static Error malformed() {
    return {Exit::verification, "malformed signature: not what minisign writes"};
  }
};

}  // namespace

MinisignPublicKey MinisignPublicKey::parse(std::string_view text) {
  const auto bytes = decode(key_line(text));
  if (bytes && bytes->reveal().size() == kSecretSize) {
    throw Error(Exit::key, "this is a minisign secret key, and not a public one")
        .with_hint(
            "keep it on the host that signs; the public key begins with RW and is in the "
            "file with .pub");
  }
  if (!bytes || bytes->reveal().size() != kPublicSize || !bytes->reveal().starts_with(kAlgorithm)) {
    throw Error(Exit::key, "this is no minisign public key")
        .with_hint("it looks like RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
  }
  MinisignPublicKey key;
  std::memcpy(key.id_.data(), bytes->reveal().data() + 2, key.id_.size());
  std::memcpy(key.key_.data(), bytes->reveal().data() + 10, key.key_.size());
  return key;
}

std::string MinisignPublicKey::text() const {
  std::string bytes(kAlgorithm);
  bytes.append(as_text(id_)).append(as_text(key_));
  return to_base64(as_bytes(bytes));
}

std::string MinisignPublicKey::file_text() const {
  return format("{}minisign public key {}\n{}\n", kUntrusted, key_id(), text());
}

std::string MinisignPublicKey::key_id() const {
  return format("{:016X}", little_endian(as_text(id_)));
}

std::string MinisignPublicKey::verify(ByteView message, std::string_view signature) const {
  SignatureFile file = SignatureFile::parse(signature);
  if (file.key_id != as_text(id_)) {
    MinisignPublicKey other;
    std::memcpy(other.id_.data(), file.key_id.data(), other.id_.size());
    throw Error(Exit::key,
                format("the signature is by the key {}, and not by {}", other.key_id(), key_id()));
  }
  if (!ed25519_verify(key_, file.signature, blake2b_512(message))) {
    throw Error(Exit::verification,
                "wrong signature: what was signed, or the signature, has been "
                "changed");
  }
  if (!ed25519_verify(key_, file.global_signature, file.signature + file.trusted_comment)) {
    throw Error(Exit::verification, "wrong signature: the trusted comment has been changed");
  }
  return file.trusted_comment;
}

MinisignSecretKey MinisignSecretKey::parse(std::string_view text, const AskPassphrase& ask) {
  const auto bytes = decode(key_line(text));
  const std::string_view all = bytes ? bytes->reveal() : std::string_view();
  const bool protected_key = all.substr(std::min<std::size_t>(2, all.size()), 2) == kScrypt;
  if (all.size() != kSecretSize || all.substr(0, 2) != kAlgorithm || all.substr(4, 2) != kBlake2 ||
      (!protected_key && all.substr(2, 2) != kNoKdf)) {
    throw Error(Exit::key, "this is no minisign secret key")
        .with_hint("pgseal keygen --signing, or minisign -G, makes one");
  }
  Secret opened(std::string(all.substr(kProtectedAt)));
  if (protected_key) {
    const auto passphrase = ask();
    if (!passphrase) {
      throw Error(Exit::key, "the minisign secret key has a pass phrase, and none was given");
    }
    opened = with_key_stream(opened.reveal(), *passphrase, all.substr(kSaltAt, 32),
                             little_endian(all.substr(kOpsAt, 8)),
                             little_endian(all.substr(kMemoryAt, 8)));
  }
  const std::string_view id = opened.reveal().substr(0, 8);
  const std::string_view pair = opened.reveal().substr(8, 64);
  const std::string_view sum = opened.reveal().substr(72);
  // `minisign -G -W` leaves the checksum out.
  const bool without_sum = !protected_key && sum.find_first_not_of('\0') == sum.npos;
  if (!without_sum && sum != key_checksum(id, pair)) {
    throw Error(Exit::key, protected_key ? "wrong pass phrase for the minisign secret key"
                                         : "the minisign secret key is damaged");
  }
  MinisignSecretKey key = from_seed(id, Secret(std::string(pair.substr(0, 32))));
  if (as_text(key.public_key_.key_) != pair.substr(32)) {
    throw Error(Exit::key, "the minisign secret key is damaged");
  }
  return key;
}

MinisignSecretKey MinisignSecretKey::generate() {
  std::string id(8, '\0'), seed(32, '\0');
  random_bytes(std::as_writable_bytes(std::span(id)));
  random_bytes(std::as_writable_bytes(std::span(seed)));
  return from_seed(id, Secret(std::move(seed)));
}

MinisignSecretKey MinisignSecretKey::from_seed(std::string_view id, Secret seed) {
  MinisignSecretKey key;
  key.seed_ = std::move(seed);
  std::array<std::byte, 32>& public_key = key.public_key_.key_;
  std::memcpy(key.public_key_.id_.data(), id.data(), key.public_key_.id_.size());
  std::size_t size = public_key.size();
  check(EVP_PKEY_get_raw_public_key(private_key(key.seed_).get(), as_uchar(ByteSpan(public_key)),
                                    &size) == 1,
        "compute an Ed25519 public key");
  return key;
}

MinisignPublicKey MinisignSecretKey::public_key() const { return public_key_; }

Secret MinisignSecretKey::file_text(const std::optional<Secret>& passphrase) const {
  const std::string_view id = as_text(public_key_.id_);
  std::string pair(seed_.reveal());
  pair.append(as_text(public_key_.key_));
  std::string content(id);
  content.append(pair).append(passphrase ? key_checksum(id, pair) : std::string(32, '\0'));
  wipe(pair);
  Secret opened(std::move(content));

  std::string head(kAlgorithm);
  head.append(passphrase ? kScrypt : kNoKdf).append(kBlake2);
  if (passphrase) {
    std::string salt(32, '\0');
    random_bytes(std::as_writable_bytes(std::span(salt)));
    constexpr std::uint64_t kOps = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE;
    constexpr std::uint64_t kMemory = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;
    opened = with_key_stream(opened.reveal(), *passphrase, salt, kOps, kMemory);
    head.append(salt).append(to_little_endian(kOps)).append(to_little_endian(kMemory));
  } else {
    head.resize(kProtectedAt, '\0');
  }
  head.append(opened.reveal());
  const Secret bytes(std::move(head));
  return Secret(format("{}minisign {} secret key\n{}\n", kUntrusted,
                       passphrase ? "encrypted" : "unencrypted",
                       to_base64(as_bytes(bytes.reveal()))));
}

std::string MinisignSecretKey::sign(ByteView message, const std::string& trusted_comment) const {
  if (trusted_comment.size() > kMaxTrustedComment ||
      trusted_comment.find_first_of("\r\n") != std::string::npos) {
    throw Error(Exit::usage,
                "the trusted comment of a signature must be one line of less than 8 "
                "KiB");
  }
  const std::string signature = ed25519_sign(seed_, blake2b_512(message));
  std::string bytes(kPrehashed);
  bytes.append(as_text(public_key_.id_)).append(signature);
  return format("{}\n{}\n{}{}\n{}\n", kMinisignSignatureComment, to_base64(as_bytes(bytes)),
                kTrusted, trusted_comment,
                to_base64(as_bytes(ed25519_sign(seed_, signature + trusted_comment))));
}

}  // namespace pgseal::crypto
