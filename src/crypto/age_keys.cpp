#include "crypto/age_keys.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "crypto/age.h"
#include "crypto/age_armor.h"
#include "crypto/age_kind.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kIdentityMark = "AGE-SECRET-KEY-";
constexpr std::string_view kBinaryMark = "age-encryption.org/";
constexpr std::string_view kPemMark = "-----BEGIN ";

/// Calls `use` with every line that is neither empty nor a comment; its Errors name the line.
template <typename Use>
void for_each_line(std::string_view text, const Use& use) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    try {
      use(line);
    } catch (Error& error) {
      error.add_context(format("line {}", number));
      throw;
    }
  }
}

RecipientHandle parse_recipient(std::string_view text) {
  if (text.find("PRIVATE KEY-----") != std::string_view::npos || text.starts_with(kIdentityMark)) {
    throw Error(Exit::key, "cannot use the recipient: it is a private key")
        .with_hint(
            "keep private keys off this machine; `age-keygen -y`, `ssh-keygen -y -f` or `openssl "
            "rsa -pubout` derive the public one");
  }
  if (text.starts_with(kPemMark)) return ssh_recipient(RsaPublicKey::from_pem(text));
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-")) {
    return ssh_recipient(parse_ssh_public_key(text));
  }
  if (RecipientHandle recipient = x25519_recipient(text)) return recipient;
  if (text.starts_with("age1")) {
    throw Error(Exit::key,
                "cannot use the recipient: it is mistyped, or of a kind that is not known")
        .with_hint("a recipient that age-keygen made has 62 characters");
  }
  throw Error(Exit::key, "cannot use the recipient: it is no public key that age knows")
      .with_hint("it should begin with age1, ssh-ed25519, ssh-rsa or -----BEGIN PUBLIC KEY-----");
}

IdentityHandle parse_identity(std::string_view line) {
  if (IdentityHandle identity = x25519_identity(line)) return identity;
  // What the line says is not repeated: it may be a secret all the same.
  if (line.starts_with("age1") || line.starts_with("ssh-")) {
    throw Error(Exit::key, "cannot use the identity: it is a public key");
  }
  if (line.starts_with("AGE-PLUGIN-")) {
    throw Error(Exit::key, "cannot use the identity: it is for a plugin of age's");
  }
  throw Error(Exit::key, "cannot read the identity: it is no age key, or mistyped")
      .with_hint("it should begin with AGE-SECRET-KEY-1");
}

/// Reads `text` through `transform`; what comes out is not longer, and secret.
Secret read_through(Transform& transform, std::string_view text) {
  std::string out(text.size(), '\0');
  const ByteSpan room = std::as_writable_bytes(std::span(out));
  std::size_t size = 0;
  try {
    size = transform.update(as_bytes(text), room).produced;
    while (const std::size_t n = transform.finish(room.subspan(size))) size += n;
  } catch (...) {
    wipe(out);
    throw;
  }
  Secret result(out.substr(0, size));
  wipe(out);
  return result;
}

Secret open_identity_file(std::string_view text, const AgeIdentity::AskPassphrase& ask) {
  auto passphrase = ask ? ask() : std::nullopt;
  if (!passphrase) {
    throw Error(Exit::key, "cannot open the identity file: it needs a pass phrase, none was given")
        .with_hint("run on a terminal, or give --passphrase-file");
  }
  std::vector<AgeIdentity> identities{AgeIdentity::from_passphrase(std::move(*passphrase))};
  AgeDecryptor decryptor(std::move(identities));
  if (!is_age_armor(as_bytes(text))) return read_through(decryptor, text);
  AgeArmorReader reader;
  const Secret binary = read_through(reader, text);
  return read_through(decryptor, binary.reveal());
}

}  // namespace

AgeRecipient AgeRecipient::parse(std::string_view text) {
  return AgeRecipient(parse_recipient(trimmed(text)));
}

std::vector<AgeRecipient> AgeRecipient::parse_file(std::string_view text) {
  if (trimmed(text).starts_with(kPemMark)) return {parse(text)};
  std::vector<AgeRecipient> recipients;
  for_each_line(text, [&](std::string_view line) { recipients.push_back(parse(line)); });
  if (recipients.empty()) throw Error(Exit::key, "cannot read the recipients: there are none");
  return recipients;
}

AgeRecipient AgeRecipient::from_passphrase(Secret passphrase, int work_factor) {
  if (passphrase.empty()) throw Error(Exit::usage, "cannot encrypt with an empty pass phrase");
  return AgeRecipient(scrypt_recipient(std::move(passphrase), work_factor));
}

const std::string& AgeRecipient::text() const { return kind_->text(); }
bool AgeRecipient::is_passphrase() const { return kind_->is_passphrase(); }
AgeStanza AgeRecipient::wrap(ByteView file_key) const { return kind_->wrap(file_key); }

std::vector<AgeIdentity> AgeIdentity::parse_file(std::string_view text, const AskPassphrase& ask) {
  const std::string_view content = trimmed(text);
  if (text.starts_with(kBinaryMark) || is_age_armor(as_bytes(text))) {
    return parse_file(open_identity_file(text, ask).reveal(), {});
  }
  if (is_ssh_private_key(content)) {
    return {AgeIdentity(ssh_identity(parse_ssh_private_key(content, ask)))};
  }
  if (content.starts_with(kPemMark)) {
    return {AgeIdentity(ssh_identity(RsaPrivateKey::from_pem(content, ask)))};
  }
  std::vector<AgeIdentity> identities;
  for_each_line(content, [&](std::string_view line) {
    identities.push_back(AgeIdentity(parse_identity(line)));
  });
  if (identities.empty())
    throw Error(Exit::key, "cannot read the identity file: there is none in it");
  return identities;
}

AgeIdentity AgeIdentity::from_passphrase(Secret passphrase) {
  return AgeIdentity(scrypt_identity(std::move(passphrase)));
}

AgeIdentity AgeIdentity::generate() { return AgeIdentity(new_x25519_identity()); }

Secret AgeIdentity::secret_text() const { return kind_->secret_text(); }
AgeRecipient AgeIdentity::recipient() const { return AgeRecipient(kind_->recipient()); }
std::optional<Secret> AgeIdentity::unwrap(const AgeStanza& stanza) const {
  return kind_->unwrap(stanza);
}

}  // namespace pgseal::crypto
