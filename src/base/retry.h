#pragma once
// Trying again what may go better the next time.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace pgseal {

struct RetryPolicy {
  int tries = 10;  ///< at least 1, the first among them
  std::chrono::milliseconds base_delay{100};
  std::chrono::milliseconds max_delay{20'000};
  /// No try begins later than so long after the first one failed.
  std::chrono::milliseconds total{std::chrono::minutes(15)};
};

/// The pause before retry number `retry` (1, 2, ...): `fraction` (0 to 1) of `base_delay`, doubled
/// with each retry, at most `max_delay`. With a random fraction this is "full jitter". Source: AWS,
/// "Exponential Backoff And Jitter".
[[nodiscard]] std::chrono::nanoseconds backoff(const RetryPolicy& policy, int retry,
                                               double fraction);

/// How often something was tried again, by cause: "SlowDown", "connection", ...
using RetryCounts = std::map<std::string, std::uint64_t>;

/// Retries, logs and counts. Safe for use from any thread.
class Retrier final {
 public:
  explicit Retrier(const Clock& clock) : clock_(clock) {}

  /// Returns what `attempt(number)` (1, 2, ...) returns. While it throws a retryable Error it is
  /// called again, after a pause: that of `backoff()`, behind the one that the Error asks for. The
  /// last Error gets `what` ("cannot put ...") as its context. Throws Cancelled when `stop` is
  /// requested while it pauses.
  template <typename Attempt>
  auto run(const RetryPolicy& policy, const std::string& what, const std::stop_token& stop,
           Attempt attempt) {
    Failures failures;
    for (;;) {
      try {
        return attempt(failures.count + 1);
      } catch (const Cancelled&) {
        throw;
      } catch (Error& error) {
        const auto delay = next_delay(policy, error, failures);
        if (!delay) {
          error.add_context(failures.count == 1 ? what : what_in_tries(what, failures.count));
          throw;
        }
        log_retry(policy, what, error, failures.count + 1, *delay);
        count(error.retry()->cause);
        clock_.sleep(*delay, stop);
      }
    }
  }

  /// Counts a retry, also one that somebody made without us.
  void count(const std::string& cause);
  /// How often anything was tried again.
  [[nodiscard]] RetryCounts retries() const;

 private:
  struct Failures {
    int count = 0;
    std::optional<std::chrono::nanoseconds> first{};  // of Clock::monotonic()
  };
  static std::string what_in_tries(const std::string& what, int tries);
  static void log_retry(const RetryPolicy& policy, const std::string& what, const Error& error,
                        int next_try, std::chrono::nanoseconds delay);
  /// One failure more; nothing where it was the last.
  std::optional<std::chrono::nanoseconds> next_delay(const RetryPolicy& policy, const Error& error,
                                                     Failures& failures) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  RetryCounts retries_;  // guarded by mutex_
};

}  // namespace pgseal
