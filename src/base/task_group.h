#pragma once
// Threads that live and die together.

#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace pgseal {

/// Runs tasks on threads of their own. The first error stops the others, and `wait()` throws it;
/// Cancelled never hides another error. `run()` and `wait()` belong to one thread.
/// The destructor stops and joins what still runs.
class TaskGroup final {
 public:
  using Task = std::function<void(std::stop_token)>;

  /// `parent` stopping stops the group.
  explicit TaskGroup(std::stop_token parent = {});
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  /// Starts `task`; it should end soon, with Cancelled, once its token asks it to stop.
  void run(Task task);
  /// Joins all tasks, then throws the first error, if any.
  void wait();
  /// Records the current exception as if a task had thrown it, and stops the others.
  void fail(std::exception_ptr error);

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void join();

  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_parent_stop_;
  std::mutex mutex_;
  std::exception_ptr error_;      // guarded by mutex_
  bool error_is_cancel_ = false;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace pgseal
