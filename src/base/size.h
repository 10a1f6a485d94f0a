#pragma once
// Byte counts as people write them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgseal {

/// Reads `pv -L`'s syntax: a number, a fraction allowed, and one of k, K, m, M, g, G, t, T, meaning
/// powers of 1024: "10M", "500k", "1.5G", "65536". Nothing for anything else, and for less than 1.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// "512 B", "1.5 MiB".
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace pgseal
