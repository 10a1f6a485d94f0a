#pragma once
// Trying again what may go better the next time.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace pgseal::store {

struct RetryPolicy {
  int tries = 10;  ///< at least 1, the first among them
  std::chrono::milliseconds base_delay{100};
  std::chrono::milliseconds max_delay{20'000};
};

/// The pause before retry number `retry` (1, 2, ...): `fraction` (0 to 1) of `base_delay`, doubled
/// with each retry, at most `max_delay`. With a random fraction this is "full jitter". Source: AWS,
/// "Exponential Backoff And Jitter".
[[nodiscard]] std::chrono::nanoseconds backoff(const RetryPolicy& policy, int retry,
                                               double fraction);

/// Retries, logs and counts. Safe for use from any thread.
class Retrier final {
 public:
  explicit Retrier(const Clock& clock) : clock_(clock) {}

  /// Returns what `attempt(number)` (1, 2, ...) returns. While it throws a retryable Error it is
  /// called again, after a pause. The last Error gets `what` ("cannot put ...") as its context.
  /// Throws Cancelled when `stop` is requested while it pauses.
  template <typename Attempt>
  auto run(const RetryPolicy& policy, const std::string& what, const std::stop_token& stop,
           Attempt attempt) {
    for (int number = 1;; ++number) {
      try {
        return attempt(number);
      } catch (const Cancelled&) {
        throw;
      } catch (Error& error) {
        if (!error.retryable() || number >= policy.tries) {
          error.add_context(number == 1 ? what : what_in_tries(what, number));
          throw;
        }
        pause(policy, what, error, number, stop);
      }
    }
  }

  /// Counts a retry that somebody made without us.
  void count() { ++retries_; }
  /// How many times anything was tried again.
  [[nodiscard]] std::uint64_t retries() const { return retries_; }

 private:
  static std::string what_in_tries(const std::string& what, int tries);
  void pause(const RetryPolicy& policy, const std::string& what, const Error& error, int number,
             const std::stop_token& stop);

  const Clock& clock_;
  std::atomic<std::uint64_t> retries_{0};
};

}  // namespace pgseal::store
