#pragma once
// The program's log: plain lines for people or JSON lines for machines, on standard error.

#include <string_view>

#include "base/format.h"
#include "base/json_fwd.h"

namespace pgseal::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

/// Chooses form and verbosity; before it is called, the log is text at `info`.
void configure(Format format, Level level);
[[nodiscard]] Format current_format();

/// One line; safe from any thread. `fields` join the line in the JSON form only, so `message` must
/// say all that a person needs.
void write(Level level, std::string_view message, const Json& fields);
void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::warning, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace pgseal::log
