#pragma once
// The object that doctor writes, to see whether it may.

#include <string>
#include <string_view>

namespace pgseal::engine {

inline constexpr std::string_view kProbeContent =
    "pgseal doctor wrote this to see whether it may. It can be removed.\n";
/// "pgseal-probe-" and 16 random hex digits: a key that nobody else has.
[[nodiscard]] std::string new_probe_key();

}  // namespace pgseal::engine
