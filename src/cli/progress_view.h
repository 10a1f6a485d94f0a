#pragma once
// Shows how far a verb has come.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "engine/progress.h"

namespace pgseal::cli {

/// While it lives: on a terminal one line that updates, without one a log line every 30 seconds.
class ProgressView final {
 public:
  /// The words for what is counted: "dumped", "compressed", "sent".
  struct Words {
    const char* sql;
    const char* compressed;  ///< null: not shown
    const char* transferred;
  };
  ProgressView(const engine::Progress& progress, Words words, const Clock& clock);
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  ~ProgressView();

 private:
  void run();
  void show();

  const engine::Progress& progress_;
  const Words words_;
  const Clock& clock_;
  const std::chrono::nanoseconds begin_;
  const bool on_terminal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace pgseal::cli
