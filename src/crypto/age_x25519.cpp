// C2SP age, "The X25519 recipient type".

#include <string.h>

#include <algorithm>

#include "crypto/age_kind.h"
#include "crypto/age_wrap.h"
#include "crypto/base64.h"
#include "crypto/bech32.h"
#include "crypto/x25519.h"

namespace pgseal::crypto {

namespace {

constexpr const char* kType = "X25519";
constexpr std::string_view kInfo = "age-encryption.org/v1/X25519";
constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "AGE-SECRET-KEY-";
constexpr std::size_t kKeySize = 32;

Secret wrap_key(const Secret& shared, const CurvePoint& share, const CurvePoint& recipient) {
  Bytes salt(share.begin(), share.end());
  salt.insert(salt.end(), recipient.begin(), recipient.end());
  return derive_age_key(as_bytes(shared.reveal()), salt, kInfo);
}

class Recipient final : public AgeRecipient::Kind {
 public:
  explicit Recipient(const CurvePoint& point)
      : point_(point), text_(format_bech32(kRecipientPrefix, point)) {}

  [[nodiscard]] const std::string& text() const override { return text_; }

  [[nodiscard]] AgeStanza wrap(ByteView file_key) const override {
    const Secret ephemeral = make_x25519_secret();
    const CurvePoint share = x25519_public_key(ephemeral);
    const auto shared = x25519(ephemeral, point_);
    if (!shared) throw Error(Exit::key, "cannot encrypt: the recipient is a point of small order");
    return {{kType, to_base64_unpadded(share)},
            seal_file_key(wrap_key(*shared, share, point_), file_key)};
  }

 private:
  CurvePoint point_;
  std::string text_;
};

class Identity final : public AgeIdentity::Kind {
 public:
  explicit Identity(Secret secret)
      : secret_(std::move(secret)), point_(x25519_public_key(secret_)) {}

  [[nodiscard]] Secret secret_text() const override {
    std::string text = format_bech32("age-secret-key-", as_bytes(secret_.reveal()));
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return Secret(std::move(text));
  }

  [[nodiscard]] RecipientHandle recipient() const override {
    return std::make_shared<Recipient>(point_);
  }

  [[nodiscard]] std::optional<Secret> unwrap(const AgeStanza& stanza) const override {
    if (stanza.arguments.front() != kType) return std::nullopt;
    require_arguments(stanza, 2);
    const Bytes argument = argument_bytes(stanza, 1, kKeySize);
    CurvePoint share;
    std::copy(argument.begin(), argument.end(), share.begin());
    const auto shared = x25519(secret_, share);
    if (!shared) throw_malformed_stanza(stanza, "its share is a point of small order");
    return open_file_key(wrap_key(*shared, share, point_), stanza);
  }

 private:
  Secret secret_;
  CurvePoint point_;
};

}  // namespace

RecipientHandle x25519_recipient(std::string_view text) {
  const auto parsed = parse_bech32(text);
  if (!parsed || parsed->prefix != kRecipientPrefix || parsed->bytes.size() != kKeySize) return {};
  CurvePoint point;
  std::copy(parsed->bytes.begin(), parsed->bytes.end(), point.begin());
  return std::make_shared<Recipient>(point);
}

IdentityHandle x25519_identity(std::string_view text) {
  auto parsed = parse_bech32(text);
  if (!parsed || parsed->prefix != kIdentityPrefix || parsed->bytes.size() != kKeySize) return {};
  Secret secret{std::string(as_text(parsed->bytes))};
  explicit_bzero(parsed->bytes.data(), parsed->bytes.size());
  return std::make_shared<Identity>(std::move(secret));
}

IdentityHandle new_x25519_identity() { return std::make_shared<Identity>(make_x25519_secret()); }

}  // namespace pgseal::crypto
