#pragma once
// The same work on each of many things, side by side.

#include <algorithm>
#include <atomic>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "base/task_group.h"

namespace pgseal {

/// Calls `work(item, thread, stop)` for each of `items`, begun in their order, on up to `threads`
/// threads; `thread` is a number from 0. The first error stops the others and is thrown, as
/// TaskGroup does it; Cancelled where `stop` is requested.
template <typename Item, typename Work>
void for_each_parallel(const std::vector<Item>& items, std::size_t threads,
                       const std::stop_token& stop, const Work& work) {
  std::atomic<std::size_t> next{0};
  TaskGroup group(stop);
  for (std::size_t thread = 0; thread < std::min(threads, items.size()); ++thread) {
    group.run([&, thread](const std::stop_token& token) {
      for (std::size_t i = next++; i < items.size(); i = next++) {
        if (token.stop_requested()) throw Cancelled();
        work(items[i], thread, token);
      }
    });
  }
  group.wait();
}

}  // namespace pgseal
