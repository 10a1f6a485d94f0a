#include "crypto/age_wrap.h"

#include <string.h>

#include "base/error.h"
#include "base/format.h"
#include "crypto/base64.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/hash.h"

namespace pgseal::crypto {

namespace {

constexpr ChaCha20Poly1305::Nonce kNonce{};
constexpr std::size_t kBodySize = kAgeFileKeySize + ChaCha20Poly1305::kTagSize;

}  // namespace

Secret derive_age_key(ByteView secret, ByteView salt, std::string_view info) {
  Digest key = hkdf_sha256(secret, salt, as_bytes(info));
  Secret result{std::string(as_text(key))};
  explicit_bzero(key.data(), key.size());
  return result;
}

Bytes seal_file_key(const Secret& wrap_key, ByteView file_key) {
  Bytes body(file_key.size() + ChaCha20Poly1305::kTagSize);
  ChaCha20Poly1305(wrap_key).seal(kNonce, file_key, body);
  return body;
}

std::optional<Secret> open_file_key(const Secret& wrap_key, const AgeStanza& stanza) {
  if (stanza.body.size() != kBodySize) throw_malformed_stanza(stanza, "its body has a wrong size");
  std::string file_key(kAgeFileKeySize, '\0');
  const bool opened = ChaCha20Poly1305(wrap_key).open(kNonce, stanza.body,
                                                      std::as_writable_bytes(std::span(file_key)));
  if (!opened) return std::nullopt;
  return Secret(std::move(file_key));
}

void throw_malformed_stanza(const AgeStanza& stanza, std::string_view why) {
  throw Error(Exit::verification,
              format("malformed age header: {} stanza: {}", stanza.arguments.front(), why));
}

void require_arguments(const AgeStanza& stanza, std::size_t count) {
  if (stanza.arguments.size() == count) return;
  throw_malformed_stanza(stanza,
                         format("{} arguments instead of {}", stanza.arguments.size(), count));
}

Bytes argument_bytes(const AgeStanza& stanza, std::size_t index, std::size_t size) {
  auto bytes = from_base64_unpadded(stanza.arguments.at(index));
  if (!bytes || bytes->size() != size) {
    throw_malformed_stanza(
        stanza, format("argument {} is not {} bytes in canonical base64", index + 1, size));
  }
  return std::move(*bytes);
}

}  // namespace pgseal::crypto
