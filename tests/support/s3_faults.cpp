#include "support/s3_faults.h"

#include <atomic>
#include <ctime>
#include <memory>

#include "base/clock.h"

namespace pgseal::test {
namespace {

std::string http_date(TimePoint time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

}  // namespace

FakeS3::Fault answer_with(const std::string& operation, const HttpReply& reply, int times) {
  auto left = std::make_shared<std::atomic<int>>(times);
  return [=](const HttpRequest& request) -> std::optional<HttpReply> {
    if (s3_operation(request) != operation || (*left)-- <= 0) return std::nullopt;
    return reply;
  };
}

FakeS3::Fault clock_ahead(std::chrono::minutes ahead) {
  return [ahead](const HttpRequest& request) -> std::optional<HttpReply> {
    constexpr std::chrono::minutes kAllowed{15};
    const TimePoint now = system_clock().now() + ahead;
    const std::string date = request.header("x-amz-date");  // in a form that sorts by time
    const bool in_time =
        format_utc(now - kAllowed, false) <= date && date <= format_utc(now + kAllowed, false) &&
        request.header("authorization").find(date.substr(0, 8)) != std::string::npos;
    if (in_time) return std::nullopt;
    HttpReply reply = FakeS3::error(403, "RequestTimeTooSkewed");
    reply.headers["Date"] = http_date(now);
    return reply;
  };
}

FakeS3::Fault in_region(const std::string& region, const HttpReply& reply) {
  return [=](const HttpRequest& request) -> std::optional<HttpReply> {
    const std::string scope = "/" + region + "/s3/aws4_request";
    if (request.header("authorization").find(scope) != std::string::npos) return std::nullopt;
    return reply;
  };
}

}  // namespace pgseal::test
