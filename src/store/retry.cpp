#include "store/retry.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/format.h"
#include "base/log.h"

namespace pgseal::store {

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

void Retrier::pause(const RetryPolicy& policy, const std::string& what, const Error& error,
                    int number, const std::stop_token& stop) {
  const auto delay = backoff(policy, number, random_fraction());
  log::info("{}: {}; try {} of {} follows in {}", what, error.message(), number + 1, policy.tries,
            format_duration(delay));
  count();
  clock_.sleep(delay, stop);
}

}  // namespace pgseal::store
