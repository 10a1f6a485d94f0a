#include "net/http_time.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace pgseal::net {

using std::chrono::seconds;

std::optional<TimePoint> parse_http_date(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  // Nanoseconds since 1970 reach to 2262.
  if (rest == nullptr || *rest != '\0' || parts.tm_year < 70 || parts.tm_year > 300) {
    return std::nullopt;
  }
  return TimePoint(seconds(::timegm(&parts)));
}

seconds retry_after(const Response& response) {
  constexpr seconds kLongest = std::chrono::hours(24);
  const std::string text = response.header("retry-after");
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end) return std::min(seconds(number), kLongest);
  const auto until = parse_http_date(text);
  const auto now = parse_http_date(response.header("date"));
  if (!until || !now) return seconds(0);
  return std::clamp(std::chrono::ceil<seconds>(*until - *now), seconds(0), kLongest);
}

}  // namespace pgseal::net
