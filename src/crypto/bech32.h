#pragma once
// Bech32: bytes as text with a prefix and a checksum, as age writes its keys.
// Source: BIP 173, "Bech32"; without its limit of 90 characters, as C2SP age has it.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pgseal::crypto {

struct Bech32 {
  std::string prefix;  ///< in the case that the text has
  Bytes bytes;
};

/// Nothing where `text` mixes upper and lower case, its checksum is wrong, or it is not made of
/// whole bytes.
[[nodiscard]] std::optional<Bech32> parse_bech32(std::string_view text);

/// `prefix` is lower case, and so is the text.
[[nodiscard]] std::string format_bech32(std::string_view prefix, ByteView bytes);

}  // namespace pgseal::crypto
