#pragma once
// Time, passed in so that tests can choose it, and its ISO 8601 forms.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace pgseal {

using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;

/// The outside world's time. Safe for use from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The time of day, UTC.
  [[nodiscard]] virtual TimePoint now() const = 0;
  /// Nanoseconds since some fixed moment; never goes back.
  [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
  /// Returns after `duration`, or throws Cancelled as soon as a stop is requested.
  virtual void sleep(std::chrono::nanoseconds duration, const std::stop_token& stop) const = 0;
};

/// The machine's clock.
[[nodiscard]] const Clock& system_clock();

/// "2026-11-24T04:15:00Z", or with `separators` false "20261124T041500Z" (AWS's basic form).
[[nodiscard]] std::string format_utc(TimePoint time, bool separators = true);
/// Reads "2026-11-24T04:15:00Z", from 1970 to 2200 (fractions of a second are allowed and ignored).
[[nodiscard]] std::optional<TimePoint> parse_utc(std::string_view text);
/// The same, also with an offset in the place of "Z": "2026-11-24T05:15:00+01:00".
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// "4.2 s", "42 s", "3 min 20 s", "2 h 05 min".
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace pgseal
