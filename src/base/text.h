#pragma once
// Small things done to text.

#include <string>
#include <string_view>

namespace pgseal {

/// A-Z only, whatever the locale says.
[[nodiscard]] inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// a-z only.
[[nodiscard]] inline std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// Without what of `white` stands at its ends.
[[nodiscard]] inline std::string_view trimmed(std::string_view text,
                                              std::string_view white = " \t\r\n") {
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

/// In single quotes, for which sh(1) takes `text` as it is.
[[nodiscard]] inline std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

/// In `quote`s, with each that is inside twice, as SQL has names and texts.
[[nodiscard]] inline std::string sql_quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) result.append(c == quote ? 2 : 1, c);
  return result + quote;
}

/// Texts with `separator` between them.
template <typename Texts>
[[nodiscard]] std::string joined(const Texts& texts, std::string_view separator) {
  std::string result;
  for (const std::string& text : texts) {
    if (&text != &*texts.begin()) result += separator;
    result += text;
  }
  return result;
}

}  // namespace pgseal
