#include "cli/terminal_text.h"

#include <algorithm>
#include <cstdint>

namespace pgseal::cli {

namespace {

constexpr char32_t kNone = 0xFFFFFFFF;

struct Range {
  char32_t first, last;
};

/// Zero columns: combining marks, joiners, variation selectors.
constexpr Range kCombining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},  {0x064B, 0x065F}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},  {0x200B, 0x200D}, {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};
/// Two columns: East Asian Wide and Fullwidth, emoji (Unicode Standard Annex 11).
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
/// Control characters, and what changes the direction or breaks the line.
constexpr Range kUnprintable[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
    {0x2060, 0x206F}, {0xD800, 0xDFFF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

/// Takes one character off the beginning of `text`; kNone, and one byte, where it is not UTF-8.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80         ? 1
                           : first >> 5 == 0x6  ? 2
                           : first >> 4 == 0xE  ? 3
                           : first >> 3 == 0x1E ? 4
                                                : 0;
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t c = size <= 1 ? first : first & (0x7Fu >> size);
  bool valid = size != 0 && size <= text.size();
  for (std::size_t i = 1; valid && i < size; ++i) {
    valid = (byte(i) & 0xC0u) == 0x80u;
    c = (c << 6) | (byte(i) & 0x3Fu);
  }
  valid = valid && c >= kLeast[size] && c <= 0x10FFFF;
  text.remove_prefix(valid ? size : 1);
  return valid ? c : kNone;
}

/// As much of `text` as fits into `columns`, and whether that is all.
TerminalText take_columns(std::string_view text, std::size_t columns, bool& is_all) {
  TerminalText result;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    const bool shown = c != kNone && !is_in(kUnprintable, c);
    const std::size_t width = !shown ? 1 : is_in(kCombining, c) ? 0 : is_in(kWide, c) ? 2 : 1;
    if (result.columns + width > columns) {
      is_all = false;
      return result;
    }
    result.text += shown ? before.substr(0, before.size() - text.size()) : "?";
    result.columns += width;
  }
  is_all = true;
  return result;
}

}  // namespace

TerminalText printable(std::string_view text) {
  bool is_all = false;
  return take_columns(text, SIZE_MAX, is_all);
}

std::string fit(std::string_view text, std::size_t columns) {
  static constexpr std::string_view kDots = "...";
  bool is_all = false;
  TerminalText whole = take_columns(text, columns, is_all);
  if (is_all || columns < kDots.size()) return whole.text;
  return take_columns(text, columns - kDots.size(), is_all).text + std::string(kDots);
}

}  // namespace pgseal::cli
