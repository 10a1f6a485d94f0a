#pragma once
// Small things done to text.

#include <string>

namespace pgseal {

/// A-Z only, whatever the locale says.
[[nodiscard]] inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace pgseal
