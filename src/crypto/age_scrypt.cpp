// C2SP age, "The scrypt recipient type".

#include <openssl/evp.h>

#include <cstdint>
#include <limits>

#include "base/format.h"
#include "crypto/age_kind.h"
#include "crypto/age_wrap.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

constexpr const char* kType = "scrypt";
constexpr std::string_view kSaltLabel = "age-encryption.org/v1/scrypt";
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kKeySize = 32;
/// 4 GiB and some ten seconds; what asks for more is an attack.
constexpr int kMaxWorkFactor = 22;

Secret wrap_key(const Secret& passphrase, ByteView salt, int work_factor) {
  const std::string labelled = std::string(kSaltLabel).append(as_text(salt));
  std::string key(kKeySize, '\0');
  check(EVP_PBE_scrypt(passphrase.c_str(), passphrase.reveal().size(), as_uchar(as_bytes(labelled)),
                       labelled.size(), std::uint64_t{1} << work_factor, 8, 1,
                       std::numeric_limits<std::uint64_t>::max(),
                       reinterpret_cast<unsigned char*>(key.data()), key.size()) == 1,
        "run scrypt");
  return Secret(std::move(key));
}

/// Decimal without leading zeros.
int parse_work_factor(const AgeStanza& stanza) {
  const std::string& text = stanza.arguments[2];
  if (text.find_first_not_of("0123456789") != std::string::npos || text.starts_with('0')) {
    throw_malformed_stanza(stanza, "its work factor is no decimal number");
  }
  if (text.size() > 2 || std::stoi(text) > kMaxWorkFactor) {
    throw Error(Exit::verification,
                format("cannot open the scrypt stanza: its work factor is above {}, the limit",
                       kMaxWorkFactor));
  }
  return std::stoi(text);
}

class Recipient final : public AgeRecipient::Kind {
 public:
  Recipient(Secret passphrase, int work_factor)
      : passphrase_(std::move(passphrase)), work_factor_(work_factor) {}

  [[nodiscard]] const std::string& text() const override { return text_; }
  [[nodiscard]] bool is_passphrase() const override { return true; }

  [[nodiscard]] AgeStanza wrap(ByteView file_key) const override {
    Bytes salt(kSaltSize);
    random_bytes(salt);
    return {{kType, to_base64_unpadded(salt), std::to_string(work_factor_)},
            seal_file_key(wrap_key(passphrase_, salt, work_factor_), file_key)};
  }

 private:
  Secret passphrase_;
  int work_factor_;
  std::string text_ = kType;
};

class Identity final : public AgeIdentity::Kind {
 public:
  explicit Identity(Secret passphrase) : passphrase_(std::move(passphrase)) {}

  [[nodiscard]] RecipientHandle recipient() const override {
    throw Error(Exit::usage, "cannot tell the recipient of a pass phrase: it has none");
  }

  [[nodiscard]] std::optional<Secret> unwrap(const AgeStanza& stanza) const override {
    if (stanza.arguments.front() != kType) return std::nullopt;
    require_arguments(stanza, 3);
    const Bytes salt = argument_bytes(stanza, 1, kSaltSize);
    const int work_factor = parse_work_factor(stanza);
    return open_file_key(wrap_key(passphrase_, salt, work_factor), stanza);
  }

 private:
  Secret passphrase_;
};

}  // namespace

RecipientHandle scrypt_recipient(Secret passphrase, int work_factor) {
  return std::make_shared<Recipient>(std::move(passphrase), work_factor);
}

IdentityHandle scrypt_identity(Secret passphrase) {
  return std::make_shared<Identity>(std::move(passphrase));
}

}  // namespace pgseal::crypto
