#pragma once
// What the kinds of recipients have in common: how a file key is wrapped in a stanza's body.

#include <optional>
#include <string_view>

#include "crypto/age_header.h"

namespace pgseal::crypto {

inline constexpr std::size_t kAgeFileKeySize = 16;

/// HKDF-SHA256 to 32 bytes.
[[nodiscard]] Secret derive_age_key(ByteView secret, ByteView salt, std::string_view info);

/// ChaCha20-Poly1305 of a file key under a key that is used once (the nonce is zero).
[[nodiscard]] Bytes seal_file_key(const Secret& wrap_key, ByteView file_key);
/// The inverse, of a stanza's body; nothing where the key is another one. Throws Error of
/// `Exit::verification` where the body has not the size of a wrapped file key: a longer one could
/// be made to open under several keys.
[[nodiscard]] std::optional<Secret> open_file_key(const Secret& wrap_key, const AgeStanza& stanza);

[[noreturn]] void throw_malformed_stanza(const AgeStanza& stanza, std::string_view why);
/// Throws Error of `Exit::verification` unless `stanza` has as many arguments, its type among them.
void require_arguments(const AgeStanza& stanza, std::size_t count);
/// The bytes of an argument in canonical base64. Throws Error of `Exit::verification` where it is
/// something else or has another size.
[[nodiscard]] Bytes argument_bytes(const AgeStanza& stanza, std::size_t index, std::size_t size);

}  // namespace pgseal::crypto
