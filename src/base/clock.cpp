#include "base/clock.h"

#include <condition_variable>
#include <ctime>
#include <mutex>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

namespace {

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::system_clock::now(); }

  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }

  void sleep(std::chrono::nanoseconds duration, const std::stop_token& stop) const override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
    if (stop.stop_requested()) throw Cancelled();
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock kClock;
  return kClock;
}

std::string format_utc(TimePoint time, bool separators) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, separators ? "%Y-%m-%dT%H:%M:%SZ" : "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

std::optional<TimePoint> parse_utc(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  // Nanoseconds since 1970 reach to 2262.
  if (rest == nullptr || parts.tm_year < 70 || parts.tm_year > 300) return std::nullopt;
  if (*rest == '.') {
    do ++rest;
    while (*rest >= '0' && *rest <= '9');
  }
  if (std::string_view(rest) != "Z") return std::nullopt;
  return TimePoint(std::chrono::seconds(timegm(&parts)));
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kOffset = 6;  // "+05:30"
  if (text.ends_with('Z') || text.size() < kOffset) return parse_utc(text);
  const std::string_view offset = text.substr(text.size() - kOffset);
  const auto is_digit = [&](std::size_t at) { return offset[at] >= '0' && offset[at] <= '9'; };
  const auto time = parse_utc(std::string(text.substr(0, text.size() - kOffset)) + "Z");
  if (!time || (offset[0] != '+' && offset[0] != '-') || offset[3] != ':' || !is_digit(1) ||
      !is_digit(2) || !is_digit(4) || !is_digit(5)) {
    return std::nullopt;
  }
  const auto two = [&](std::size_t at) { return (offset[at] - '0') * 10 + offset[at + 1] - '0'; };
  const std::chrono::minutes ahead(two(1) * 60 + two(4));
  return offset[0] == '+' ? *time - ahead : *time + ahead;
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto whole = static_cast<long long>(seconds + 0.5);
  const bool has_fraction = duration % std::chrono::seconds(1) != std::chrono::nanoseconds(0);
  if (seconds < 9.95 && has_fraction) return format("{:.1f} s", seconds);
  if (whole < 60) return format("{} s", whole);
  if (whole < 3600) return format("{} min {:02} s", whole / 60, whole % 60);
  return format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace pgseal
