#include "store/request_limit.h"

#include <algorithm>

#include "base/error.h"

namespace pgseal::store {

RequestLimit::Slot RequestLimit::enter(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto has_room = [&] { return !limit_ || in_flight_ < *limit_; };
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
    if (!limit_.limit_ || ++limit_.good_ < *limit_.limit_) return;
    ++*limit_.limit_;
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
  if (limit_.limit_ && lower >= *limit_.limit_) return std::nullopt;
  limit_.limit_ = lower;
  return lower;
}

}  // namespace pgseal::store
