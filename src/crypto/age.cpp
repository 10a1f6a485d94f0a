#include "crypto/age.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "crypto/age_file.h"
#include "crypto/age_wrap.h"
#include "crypto/hash.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kScrypt = "scrypt";

Secret make_file_key() {
  std::string key(kAgeFileKeySize, '\0');
  random_bytes(std::as_writable_bytes(std::span(key)));
  return Secret(std::move(key));
}

void require_recipients(const std::vector<AgeRecipient>& recipients) {
  if (recipients.empty()) throw Error(Exit::usage, "cannot encrypt: no recipient is given");
  const bool passphrase = std::any_of(recipients.begin(), recipients.end(),
                                      [](const auto& one) { return one.is_passphrase(); });
  if (passphrase && recipients.size() > 1) {
    throw Error(Exit::usage, "cannot encrypt: a pass phrase cannot be used with other recipients");
  }
}

/// "X25519, ssh-rsa": each type once.
std::string stanza_types(const AgeHeader& header) {
  std::vector<std::string> types;
  for (const AgeStanza& stanza : header.stanzas) {
    const std::string& type = stanza.arguments.front();
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  std::string text;
  for (const std::string& type : types) text += (text.empty() ? "" : ", ") + type;
  return text;
}

Secret unwrap_file_key(const AgeHeader& header, const std::vector<AgeIdentity>& identities) {
  const bool passphrase =
      std::any_of(header.stanzas.begin(), header.stanzas.end(),
                  [](const AgeStanza& one) { return one.arguments.front() == kScrypt; });
  // Whoever knows a pass phrase believes that nobody else could have written the file.
  if (passphrase && header.stanzas.size() > 1) {
    throw Error(Exit::verification,
                "malformed age header: a pass phrase is not the only recipient");
  }
  for (const AgeIdentity& identity : identities) {
    for (const AgeStanza& stanza : header.stanzas) {
      if (auto file_key = identity.unwrap(stanza)) return std::move(*file_key);
    }
  }
  if (passphrase) {
    throw Error(Exit::key, "cannot decrypt: wrong pass phrase, or none given")
        .with_hint("the file is encrypted with a pass phrase, not to a public key");
  }
  throw Error(Exit::key, format("cannot decrypt: none of the {} identities given is one that the "
                                "file is encrypted to ({})",
                                identities.size(), stanza_types(header)));
}

}  // namespace

std::optional<AgeFileHead> AgeFileHead::open(ByteView bytes,
                                             const std::vector<AgeIdentity>& identities) {
  const auto header = AgeHeader::parse(bytes);
  if (!header || bytes.size() < header->size + kAgeNonceSize) return std::nullopt;
  const Secret file_key = unwrap_file_key(*header, identities);
  header->authenticate(file_key);
  return AgeFileHead{derive_payload_key(file_key, bytes.subspan(header->size, kAgeNonceSize)),
                     header->size + kAgeNonceSize};
}

struct AgeEncryptor::State {
  Bytes head;  // header and nonce
  std::size_t head_at = 0;
  std::optional<AgeStream> stream;

  std::size_t take_head(ByteSpan out) {
    const std::size_t n = std::min(out.size(), head.size() - head_at);
    std::copy_n(head.begin() + static_cast<std::ptrdiff_t>(head_at), n, out.begin());
    head_at += n;
    return n;
  }
};

AgeEncryptor::AgeEncryptor(const std::vector<AgeRecipient>& recipients)
    : state_(std::make_unique<State>()) {
  require_recipients(recipients);
  const Secret file_key = make_file_key();
  std::vector<AgeStanza> stanzas;
  for (const AgeRecipient& recipient : recipients) {
    stanzas.push_back(recipient.wrap(as_bytes(file_key.reveal())));
  }
  const std::string header = format_age_header(stanzas, file_key);
  if (header.size() > AgeHeader::kMaxSize) {
    throw Error(Exit::usage, format("cannot encrypt: {} recipients are too many", stanzas.size()));
  }
  state_->head = to_bytes(header);
  state_->head.resize(header.size() + kAgeNonceSize);
  const ByteSpan nonce = ByteSpan(state_->head).last(kAgeNonceSize);
  random_bytes(nonce);
  state_->stream.emplace(derive_payload_key(file_key, nonce), AgeStream::Direction::encrypt);
}

AgeEncryptor::~AgeEncryptor() = default;

Transform::Progress AgeEncryptor::update(ByteView in, ByteSpan out) {
  const std::size_t head = state_->take_head(out);
  Progress done = state_->stream->update(in, out.subspan(head));
  done.produced += head;
  return done;
}

std::size_t AgeEncryptor::finish(ByteSpan out) {
  const std::size_t head = state_->take_head(out);
  return head > 0 ? head : state_->stream->finish(out);
}

Bytes age_encrypted(ByteView content, const std::vector<AgeRecipient>& recipients) {
  AgeEncryptor encryptor(recipients);
  return transformed(content, encryptor);
}

struct AgeDecryptor::State {
  std::vector<AgeIdentity> identities;
  Bytes head;  // what came so far, until header and nonce are whole
  std::optional<AgeStream> stream;

  /// Takes of `in` what belongs to header and nonce.
  std::size_t take_head(ByteView in) {
    const std::size_t before = head.size();
    const std::size_t n = std::min(in.size(), AgeHeader::kMaxSize + kAgeNonceSize - before);
    head.insert(head.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n));
    auto opened = AgeFileHead::open(head, identities);
    if (!opened) return n;
    stream.emplace(opened->payload_key, AgeStream::Direction::decrypt);
    return opened->size - before;
  }
};

AgeDecryptor::AgeDecryptor(std::vector<AgeIdentity> identities)
    : state_(std::make_unique<State>()) {
  state_->identities = std::move(identities);
}

AgeDecryptor::~AgeDecryptor() = default;

Transform::Progress AgeDecryptor::update(ByteView in, ByteSpan out) {
  const std::size_t head = state_->stream || in.empty() ? 0 : state_->take_head(in);
  if (!state_->stream) return {head, 0};
  Progress done = state_->stream->update(in.subspan(head), out);
  done.consumed += head;
  return done;
}

std::size_t AgeDecryptor::finish(ByteSpan out) {
  if (!state_->stream)
    throw Error(Exit::verification, "the age file is truncated: it ends within its header");
  return state_->stream->finish(out);
}

}  // namespace pgseal::crypto
