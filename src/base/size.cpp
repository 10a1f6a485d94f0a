#include "base/size.h"

#include <charconv>
#include <cmath>

#include "base/format.h"

namespace pgseal {

std::optional<std::uint64_t> parse_size(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  int power = 0;
  if (!unit.empty()) {
    const auto at = std::string_view("kKmMgGtT").find(unit[0]);
    if (unit.size() != 1 || at == std::string_view::npos) return std::nullopt;
    power = static_cast<int>(at / 2) + 1;
  }
  const double bytes = number * std::pow(1024.0, power);
  if (bytes < 1 || bytes >= 0x1p63) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::string format_size(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace pgseal
