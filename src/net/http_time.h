#pragma once
// Times and pauses in the headers of an answer.

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"

namespace pgseal::net {

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", from 1970 to 2200. Source: RFC 9110, 5.6.7; not its
/// obsolete forms.
[[nodiscard]] std::optional<TimePoint> parse_http_date(const std::string& text);

/// The pause that Retry-After asks for, as a number of seconds or as a time, which is compared with
/// the answer's own Date; a day at most, 0 where there is none. Source: RFC 9110, 10.2.3.
[[nodiscard]] std::chrono::seconds retry_after(const Response& response);

}  // namespace pgseal::net
