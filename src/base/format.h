#pragma once
// fmt, the only place where its header is included.

#include <fmt/format.h>

#include <string>
#include <utility>

namespace pgseal {

/// fmt::format, checked when compiled. An object and not a function, so that a std::string among
/// the arguments does not bring in std::format as well, where a library has it.
struct Formatter {
  template <typename... Args>
  [[nodiscard]] std::string operator()(fmt::format_string<Args...> text, Args&&... args) const {
    return fmt::format(text, std::forward<Args>(args)...);
  }
};
inline constexpr Formatter format{};

}  // namespace pgseal
