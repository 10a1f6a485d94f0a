#include "store/request_limit.h"

#include <algorithm>

#include "base/error.h"

namespace pgseal::store {

RequestLimit::Slot RequestLimit::enter(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto has_room = [&] { return !most_ || in_flight_ < *most_; };
  if (!changed_.wait(lock, stop, has_room)) throw Cancelled();
  ++in_flight_;
  return {*this, lowered_};
}

RequestLimit::Slot::~Slot() {
  {
    const std::lock_guard lock(limit_.mutex_);
    --limit_.in_flight_;
  }
  limit_.changed_.notify_one();
}

void RequestLimit::Slot::went_well() {
  {
    const std::lock_guard lock(limit_.mutex_);
    if (!limit_.most_ || ++limit_.good_ < *limit_.most_) return;
    ++*limit_.most_;
    limit_.good_ = 0;
  }
  limit_.changed_.notify_one();
}

std::optional<int> RequestLimit::Slot::slow_down() {
  const std::lock_guard lock(limit_.mutex_);
  limit_.good_ = 0;
  if (lowered_ != limit_.lowered_) return std::nullopt;
  ++limit_.lowered_;
  const int lower = std::max(1, limit_.in_flight_ / 2);
  if (limit_.most_ && lower >= *limit_.most_) return std::nullopt;
  limit_.most_ = lower;
  return lower;
}

}  // namespace pgseal::store
