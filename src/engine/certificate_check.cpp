#include "engine/certificate_check.h"

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "crypto/certificate.h"

namespace pgseal::engine {

namespace {

constexpr std::chrono::days kSoon{30};

/// "2026-11-24", also beyond what a TimePoint holds.
std::string date(std::chrono::sys_seconds time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::vector<crypto::Certificate> read(const std::string& path) {
  try {
    return crypto::read_certificates(read_file(path));
  } catch (Error& error) {
    error.add_context(format("\"{}\"", path));
    throw;
  }
}

}  // namespace

Finding check_certificates(const std::string& path, const std::string& remedy, TimePoint now) {
  auto certificates = read(path);
  std::sort(certificates.begin(), certificates.end(),
            [](const auto& a, const auto& b) { return a.end < b.end; });
  const auto today = std::chrono::floor<std::chrono::seconds>(now);
  std::vector<std::string> ending;
  for (const auto& certificate : certificates) {
    if (certificate.end > today + kSoon) break;
    ending.push_back(format("{} ({} {})", certificate.subject,
                            certificate.end > today ? "until" : "ended", date(certificate.end)));
  }
  if (ending.empty()) {
    return {State::ok, format("\"{}\" has {} certificates; the first ends on {}", path,
                              certificates.size(), date(certificates.front().end))};
  }
  const bool all_ended = certificates.back().end <= today;
  const State state = all_ended ? State::failure : State::warning;
  return {state,
          format("of the {} certificates in \"{}\" these end soon or have ended: {}",
                 certificates.size(), path, first_few(ending)),
          remedy, ending};
}

}  // namespace pgseal::engine
