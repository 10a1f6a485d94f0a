#pragma once
// bcrypt_pbkdf: how OpenSSH makes a key of a private key's pass phrase. libcrypto lacks it.
// Sources: Provos and Mazières, "A Future-Adaptable Password Scheme" (bcrypt); Schneier,
// "Description of a New Variable-Length Key, 64-Bit Block Cipher" (Blowfish); OpenBSD,
// bcrypt_pbkdf(3).

#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"

namespace pgseal::crypto {

/// `size` bytes of key; neither `salt` nor `passphrase` is empty, and `rounds` is at least 1.
[[nodiscard]] Secret bcrypt_pbkdf(const Secret& passphrase, ByteView salt, std::uint32_t rounds,
                                  std::size_t size);

}  // namespace pgseal::crypto
