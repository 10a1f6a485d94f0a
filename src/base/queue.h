#pragma once
// The queue that stands at thread boundaries.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/error.h"

namespace pgseal {

/// A first-in, first-out queue of at most `capacity` items, for any number of threads.
template <typename T>
class BoundedQueue final {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. Throws Cancelled when `stop` is requested first.
  void push(T item, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return items_.size() < capacity_; })) throw Cancelled();
    items_.push_back(std::move(item));
    changed_.notify_all();
  }

  /// Waits for an item; nothing where the queue is closed and empty. Throws Cancelled as `push`.
  [[nodiscard]] std::optional<T> pop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !items_.empty() || closed_; })) throw Cancelled();
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  /// No more items will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> items_;  // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace pgseal
