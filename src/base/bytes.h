#pragma once
// Views and buffers of raw bytes, and their conversions to and from text.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgseal {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using ByteSpan = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// The pointer that C libraries want.
inline const unsigned char* as_uchar(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* as_uchar(ByteSpan bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(ByteView bytes);

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;
inline constexpr std::size_t kGiB = 1024 * kMiB;

}  // namespace pgseal
