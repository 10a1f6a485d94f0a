#pragma once
// Base64 (RFC 4648, section 4) read strictly: one text for each value. Writing it padded is in
// hash.h.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pgseal::crypto {

/// In one line, without the "=" at the end.
[[nodiscard]] std::string to_base64_unpadded(ByteView bytes);

/// Reads one line, padded. Nothing for any other character (line ends too), padding that is missing
/// or too much, and unused bits that are not zero (RFC 4648, 3.5).
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);
/// The same without padding; any "=" is refused.
[[nodiscard]] std::optional<Bytes> from_base64_unpadded(std::string_view text);

}  // namespace pgseal::crypto
