#include "base/retry.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/format.h"
#include "base/log.h"

namespace pgseal {

namespace {

double random_fraction() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

std::chrono::nanoseconds backoff(const RetryPolicy& policy, int retry, double fraction) {
  using Nanoseconds = std::chrono::duration<double, std::nano>;
  const Nanoseconds longest = std::min(Nanoseconds(policy.base_delay) * std::ldexp(1.0, retry - 1),
                                       Nanoseconds(policy.max_delay));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(longest * fraction);
}

std::string Retrier::what_in_tries(const std::string& what, int tries) {
  return format("{} in {} tries", what, tries);
}

void Retrier::log_retry(const RetryPolicy& policy, const std::string& what, const Error& error,
                        int next_try, std::chrono::nanoseconds delay) {
  log::info("{}: {}; try {} of {} follows in {}", what, error.message(), next_try, policy.tries,
            format_duration(delay));
}

std::optional<std::chrono::nanoseconds> Retrier::next_delay(const RetryPolicy& policy,
                                                            const Error& error,
                                                            Failures& failures) const {
  const auto now = clock_.monotonic();
  if (!failures.first) failures.first = now;
  ++failures.count;
  if (!error.retryable() || failures.count >= policy.tries) return std::nullopt;
  const auto delay = error.retry()->after + backoff(policy, failures.count, random_fraction());
  return now + delay - *failures.first > policy.total ? std::nullopt : std::optional(delay);
}

void Retrier::count(const std::string& cause) {
  const std::lock_guard lock(mutex_);
  ++retries_[cause];
}

RetryCounts Retrier::retries() const {
  const std::lock_guard lock(mutex_);
  return retries_;
}

}  // namespace pgseal
