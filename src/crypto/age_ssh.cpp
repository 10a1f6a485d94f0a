// The "ssh-ed25519" and "ssh-rsa" recipient types. C2SP's text leaves them out; the source is the
// age program's documentation and behaviour: each stanza names its key by four bytes of its hash.

#include <string.h>

#include <algorithm>

#include "base/format.h"
#include "crypto/age_kind.h"
#include "crypto/age_wrap.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kEd25519Label = "age-encryption.org/v1/ssh-ed25519";
constexpr std::string_view kRsaLabel = "age-encryption.org/v1/ssh-rsa";
constexpr std::size_t kTagSize = 4;
constexpr std::size_t kShareSize = 32;

/// A public key's names: as a recipient, and in a stanza.
struct Names {
  explicit Names(const SshPublicKey& key)
      : type(ssh_type(key)),
        wire(ssh_wire(key)),
        text(format("{} {}", type, to_base64(wire))),
        tag(to_base64_unpadded(ByteView(sha256(wire)).first(kTagSize))) {}

  /// Whether `stanza`, of as many arguments, is for this key.
  [[nodiscard]] bool is_addressed_by(const AgeStanza& stanza, std::size_t arguments) const {
    if (stanza.arguments.front() != type) return false;
    require_arguments(stanza, arguments);
    return argument_bytes(stanza, 1, kTagSize) == from_base64_unpadded(tag);
  }

  std::string type;
  Bytes wire;
  std::string text;
  std::string tag;
};

/// The Ed25519 key as one of X25519, tied to its SSH form by a tweak: a scalar that both sides
/// multiply the shared point by.
Secret ed25519_wrap_key(const Names& names, const Secret& shared, const CurvePoint& share,
                        const CurvePoint& recipient) {
  const Secret tweak = derive_age_key({}, names.wire, kEd25519Label);
  CurvePoint shared_point;
  std::ranges::copy(as_bytes(shared.reveal()), shared_point.begin());
  const auto tweaked = x25519(tweak, shared_point);
  explicit_bzero(shared_point.data(), shared_point.size());
  if (!tweaked) throw Error(Exit::verification, "malformed age header: a point of small order");
  Bytes salt(share.begin(), share.end());
  salt.insert(salt.end(), recipient.begin(), recipient.end());
  return derive_age_key(as_bytes(tweaked->reveal()), salt, kEd25519Label);
}

class Ed25519Recipient final : public AgeRecipient::Kind {
 public:
  Ed25519Recipient(const Ed25519PublicKey& key, const CurvePoint& point)
      : names_(key), point_(point) {}

  [[nodiscard]] const std::string& text() const override { return names_.text; }

  [[nodiscard]] AgeStanza wrap(ByteView file_key) const override {
    const Secret ephemeral = make_x25519_secret();
    const CurvePoint share = x25519_public_key(ephemeral);
    const auto shared = x25519(ephemeral, point_);
    if (!shared) throw Error(Exit::key, "cannot encrypt: the recipient is a point of small order");
    return {{names_.type, names_.tag, to_base64_unpadded(share)},
            seal_file_key(ed25519_wrap_key(names_, *shared, share, point_), file_key)};
  }

 private:
  Names names_;
  CurvePoint point_;
};

RecipientHandle ed25519_recipient(const Ed25519PublicKey& key) {
  const auto point = ed25519_to_x25519(key.point);
  if (!point) throw Error(Exit::key, "cannot use the SSH public key: it is no point of the curve");
  return std::make_shared<Ed25519Recipient>(key, *point);
}

class Ed25519Identity final : public AgeIdentity::Kind {
 public:
  explicit Ed25519Identity(const Ed25519PrivateKey& key)
      : public_key_{ed25519_public_key(key.seed)},
        names_(public_key_),
        secret_(ed25519_to_x25519(key.seed)),
        point_(x25519_public_key(secret_)) {}

  [[nodiscard]] RecipientHandle recipient() const override {
    return std::make_shared<Ed25519Recipient>(public_key_, point_);
  }

  [[nodiscard]] std::optional<Secret> unwrap(const AgeStanza& stanza) const override {
    if (!names_.is_addressed_by(stanza, 3)) return std::nullopt;
    const Bytes argument = argument_bytes(stanza, 2, kShareSize);
    CurvePoint share;
    std::ranges::copy(argument, share.begin());
    const auto shared = x25519(secret_, share);
    if (!shared) throw_malformed_stanza(stanza, "its share is a point of small order");
    return open_file_key(ed25519_wrap_key(names_, *shared, share, point_), stanza);
  }

 private:
  Ed25519PublicKey public_key_;
  Names names_;
  Secret secret_;
  CurvePoint point_;
};

class RsaRecipient final : public AgeRecipient::Kind {
 public:
  explicit RsaRecipient(RsaPublicKey key) : key_(std::move(key)), names_(key_) {}

  [[nodiscard]] const std::string& text() const override { return names_.text; }

  [[nodiscard]] AgeStanza wrap(ByteView file_key) const override {
    return {{names_.type, names_.tag}, key_.encrypt_oaep(file_key, kRsaLabel)};
  }

 private:
  RsaPublicKey key_;
  Names names_;
};

class RsaIdentity final : public AgeIdentity::Kind {
 public:
  explicit RsaIdentity(RsaPrivateKey key) : key_(std::move(key)), names_(key_.public_key()) {}

  [[nodiscard]] RecipientHandle recipient() const override {
    return std::make_shared<RsaRecipient>(key_.public_key());
  }

  [[nodiscard]] std::optional<Secret> unwrap(const AgeStanza& stanza) const override {
    if (!names_.is_addressed_by(stanza, 2)) return std::nullopt;
    auto file_key = key_.decrypt_oaep(stanza.body, kRsaLabel);
    if (file_key && file_key->reveal().size() != kAgeFileKeySize) {
      throw_malformed_stanza(stanza, "its file key has a wrong size");
    }
    return file_key;
  }

 private:
  RsaPrivateKey key_;
  Names names_;
};

}  // namespace

RecipientHandle ssh_recipient(const SshPublicKey& key) {
  if (const auto* ed25519 = std::get_if<Ed25519PublicKey>(&key)) return ed25519_recipient(*ed25519);
  return std::make_shared<RsaRecipient>(std::get<RsaPublicKey>(key));
}

IdentityHandle ssh_identity(const SshPrivateKey& key) {
  if (const auto* ed25519 = std::get_if<Ed25519PrivateKey>(&key)) {
    return std::make_shared<Ed25519Identity>(*ed25519);
  }
  return std::make_shared<RsaIdentity>(std::get<RsaPrivateKey>(key));
}

}  // namespace pgseal::crypto
