#pragma once
// Text of unknown origin, made fit for a terminal.

#include <string>
#include <string_view>

namespace pgseal::cli {

struct TerminalText {
  std::string text;
  std::size_t columns = 0;  ///< that it takes on a terminal
};

/// `text` with "?" in place of each control character, of each that changes the direction of
/// writing, and of each byte that is not UTF-8: no name may move the cursor.
[[nodiscard]] TerminalText printable(std::string_view text);

/// The same, cut to at most `columns`; what was cut ends with "...", where there is room for that.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

}  // namespace pgseal::cli
