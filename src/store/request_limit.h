#pragma once
// Fewer requests at a time where the other side asks for it.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

namespace pgseal::store {

/// How many requests may be on their way at once: as many as there are threads, until the other
/// side asks to slow down. That halves their number; each round of good answers allows one more
/// ("additive increase, multiplicative decrease"). Safe for use from any thread.
class RequestLimit final {
 public:
  /// The place of one request among those on their way, as long as it lives.
  class Slot final {
   public:
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot();
    /// The answer was good.
    void went_well();
    /// The answer asks to slow down. Returns the new limit where it is lower now: of the requests
    /// that were on their way together only the first lowers it.
    std::optional<int> slow_down();

   private:
    friend class RequestLimit;
    Slot(RequestLimit& limit, std::uint64_t lowered) : limit_(limit), lowered_(lowered) {}

    RequestLimit& limit_;
    std::uint64_t lowered_;  // how often the limit had been, when this request went
  };

  /// Waits for a place. Throws Cancelled where a stop is requested before there is one.
  [[nodiscard]] Slot enter(const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  int in_flight_ = 0;        // guarded by mutex_, as all that follows
  std::optional<int> most_;  // absent before the first complaint
  int good_ = 0;             // answers since the limit changed
  std::uint64_t lowered_ = 0;
};

}  // namespace pgseal::store
