#pragma once
// The text header of an age file. Source: C2SP age, "Header" (strict: one way to write each thing).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace pgseal::crypto {

/// A file key, wrapped for one recipient.
struct AgeStanza {
  std::vector<std::string> arguments;  ///< the first is the type
  Bytes body;
  bool operator==(const AgeStanza&) const = default;
};

struct AgeHeader {
  /// A larger one is refused, so that no stream is read on and on in search of a header's end.
  static constexpr std::size_t kMaxSize = 64 * kKiB;

  std::vector<AgeStanza> stanzas;
  Bytes mac;                ///< 32 bytes
  std::string signed_text;  ///< what the MAC is over: all up to and with "---"
  std::size_t size = 0;     ///< bytes of the whole header, its last newline among them

  /// Reads the header at the beginning of `bytes`. Nothing where it is not there whole yet. Throws
  /// Error of `Exit::verification` for what is no age header, or one of more than `kMaxSize`.
  [[nodiscard]] static std::optional<AgeHeader> parse(ByteView bytes);

  /// Throws Error of `Exit::verification` unless the MAC under `file_key` is right.
  void authenticate(const Secret& file_key) const;
};

/// A header's whole text, its MAC under `file_key` among it.
[[nodiscard]] std::string format_age_header(const std::vector<AgeStanza>& stanzas,
                                            const Secret& file_key);

}  // namespace pgseal::crypto
