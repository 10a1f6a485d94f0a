#include "crypto/bech32.h"

#include <algorithm>
#include <cstdint>

#include "base/secret.h"
#include "base/text.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumSize = 6;

/// The checksum's state after the value `five`, a digit's.
std::uint32_t step(std::uint32_t state, std::uint32_t five) {
  constexpr std::uint32_t kGenerators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                           0x2a1462b3};
  const std::uint32_t top = state >> 25;
  state = (state & 0x1ffffff) << 5 ^ five;
  for (unsigned i = 0; i < 5; ++i) {
    if ((top >> i & 1) != 0) state ^= kGenerators[i];
  }
  return state;
}

/// The state after a prefix in lower case.
std::uint32_t begin_checksum(std::string_view prefix) {
  std::uint32_t state = 1;
  for (const char c : prefix) state = step(state, static_cast<unsigned char>(c) >> 5);
  state = step(state, 0);
  for (const char c : prefix) state = step(state, static_cast<unsigned char>(c) & 31);
  return state;
}

bool is_one_case(std::string_view text) {
  const auto has = [&](char first, char last) {
    return std::any_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
  };
  return !(has('a', 'z') && has('A', 'Z'));
}

/// Regroups digits of five bits as bytes; what is left over is less than a digit, and zero.
std::optional<Bytes> join_digits(std::string_view digits) {
  Bytes bytes;
  bytes.reserve(digits.size() * 5 / 8);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    bits = bits << 5 | static_cast<std::uint32_t>(kDigits.find(c));
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> count));
      bits &= (1U << count) - 1;
    }
  }
  if (count >= 5 || bits != 0) return std::nullopt;
  return bytes;
}

std::string split_bytes(ByteView bytes) {
  std::string digits;
  digits.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::byte byte : bytes) {
    bits = bits << 8 | static_cast<std::uint32_t>(byte);
    for (count += 8; count >= 5; count -= 5) digits += kDigits[bits >> (count - 5) & 31];
    bits &= (1U << count) - 1;
  }
  if (count > 0) digits += kDigits[bits << (5 - count) & 31];
  return digits;
}

}  // namespace

std::optional<Bech32> parse_bech32(std::string_view text) {
  const std::size_t separator = text.rfind('1');
  if (separator == std::string_view::npos || separator == 0) return std::nullopt;
  if (text.size() - separator - 1 < kChecksumSize || !is_one_case(text)) return std::nullopt;
  const std::string_view prefix = text.substr(0, separator);
  if (std::any_of(prefix.begin(), prefix.end(), [](char c) { return c < 33 || c > 126; })) {
    return std::nullopt;
  }
  Secret lower(lower_case(std::string(text)));
  const std::string_view digits = lower.reveal().substr(separator + 1);
  std::uint32_t checksum = begin_checksum(lower.reveal().substr(0, separator));
  for (const char c : digits) {
    const std::size_t value = kDigits.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    checksum = step(checksum, static_cast<std::uint32_t>(value));
  }
  if (checksum != 1) return std::nullopt;
  auto bytes = join_digits(digits.substr(0, digits.size() - kChecksumSize));
  if (!bytes) return std::nullopt;
  return Bech32{std::string(prefix), std::move(*bytes)};
}

std::string format_bech32(std::string_view prefix, ByteView bytes) {
  const Secret digits(split_bytes(bytes));
  std::uint32_t checksum = begin_checksum(prefix);
  for (const char c : digits.reveal()) {
    checksum = step(checksum, static_cast<std::uint32_t>(kDigits.find(c)));
  }
  for (std::size_t i = 0; i < kChecksumSize; ++i) checksum = step(checksum, 0);
  checksum ^= 1;
  std::string text;
  text.reserve(prefix.size() + 1 + digits.reveal().size() + kChecksumSize);
  text.append(prefix).append("1").append(digits.reveal());
  for (unsigned shift = 5 * kChecksumSize; shift > 0; shift -= 5) {
    text += kDigits[checksum >> (shift - 5) & 31];
  }
  return text;
}

}  // namespace pgseal::crypto
