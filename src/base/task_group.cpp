#include "base/task_group.h"

#include <utility>

#include "base/error.h"

namespace pgseal {

TaskGroup::TaskGroup(std::stop_token parent)
    : on_parent_stop_(std::move(parent), [this] { stop_.request_stop(); }) {}

TaskGroup::~TaskGroup() {
  stop_.request_stop();
  join();
}

void TaskGroup::run(Task task) {
  threads_.emplace_back([this, task = std::move(task)] {
    try {
      task(stop_.get_token());
    } catch (...) {
      fail(std::current_exception());
    }
  });
}

void TaskGroup::fail(std::exception_ptr error) {
  bool is_cancel = false;
  try {
    std::rethrow_exception(error);
  } catch (const Cancelled&) {
    is_cancel = true;
  } catch (...) {
    is_cancel = false;
  }
  {
    const std::lock_guard lock(mutex_);
    if (!error_ || (error_is_cancel_ && !is_cancel)) {
      error_ = std::move(error);
      error_is_cancel_ = is_cancel;
    }
  }
  stop_.request_stop();
}

void TaskGroup::join() {
  threads_.clear();  // jthread joins
}

void TaskGroup::wait() {
  join();
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace pgseal
