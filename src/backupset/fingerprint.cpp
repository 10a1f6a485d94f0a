#include "backupset/fingerprint.h"

// Wider vectors where the processor has them: a compiler may only count on SSE2.
#if __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include <algorithm>
#include <charconv>
#include <new>

#include "base/format.h"

namespace pgseal::backupset {

namespace {

constexpr std::size_t kHalf = 16;  // hex digits

std::string to_hex(std::uint64_t high, std::uint64_t low) {
  return format("{:016x}{:016x}", high, low);
}

std::optional<std::uint64_t> parse_half(std::string_view hex) {
  const bool lower_case = std::all_of(hex.begin(), hex.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (hex.size() != kHalf || !lower_case) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return value;
}

XXH3_state_t* state_of(void* state) { return static_cast<XXH3_state_t*>(state); }

}  // namespace

void RowsFingerprint::add(ByteView row) {
  const XXH128_hash_t hash = XXH3_128bits(row.data(), row.size());
  add({1, hash.high64, hash.low64});
}

void RowsFingerprint::add(const RowsFingerprint& other) {
  const std::uint64_t low = low_ + other.low_;
  const std::uint64_t carry = low < low_ ? 1 : 0;
  high_ += other.high_ + carry;
  low_ = low;
  rows_ += other.rows_;
}

std::string RowsFingerprint::hex() const { return to_hex(high_, low_); }

std::optional<RowsFingerprint> RowsFingerprint::from(std::uint64_t rows, std::string_view hex) {
  if (hex.size() != 2 * kHalf) return std::nullopt;
  const auto high = parse_half(hex.substr(0, kHalf));
  const auto low = parse_half(hex.substr(kHalf));
  if (!high || !low || (rows == 0 && (*high | *low) != 0)) return std::nullopt;
  return RowsFingerprint(rows, *high, *low);
}

ContentFingerprint::ContentFingerprint() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_of(state_));
}

ContentFingerprint::~ContentFingerprint() { XXH3_freeState(state_of(state_)); }

void ContentFingerprint::add(ByteView bytes) {
  XXH3_128bits_update(state_of(state_), bytes.data(), bytes.size());
}

std::string ContentFingerprint::finish() {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_of(state_));
  XXH3_128bits_reset(state_of(state_));
  return to_hex(hash.high64, hash.low64);
}

bool ContentFingerprint::is_hex(std::string_view text) {
  return text.size() == 2 * kHalf && parse_half(text.substr(0, kHalf)) &&
         parse_half(text.substr(kHalf));
}

}  // namespace pgseal::backupset
