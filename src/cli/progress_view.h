#pragma once
// Shows how far a verb has come.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace pgseal::cli {

/// What there is to see of a verb. Asked by one thread, at growing times since the beginning.
class ProgressPicture {
 public:
  virtual ~ProgressPicture() = default;
  /// Lines for a terminal; they are cut to its width by whoever shows them.
  [[nodiscard]] virtual std::vector<std::string> lines(std::chrono::nanoseconds elapsed) = 0;
  /// All in one line, for a log, and what belongs to it in JSON.
  struct LogLine {
    std::string text;
    Json fields;
  };
  [[nodiscard]] virtual LogLine log_line(std::chrono::nanoseconds elapsed) = 0;
};

/// While it lives: on a terminal the picture, drawn over itself, without one a log line every 30
/// seconds. Does not own the picture.
class ProgressView final {
 public:
  ProgressView(ProgressPicture& picture, const Clock& clock);
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  ~ProgressView();

 private:
  void run();
  void show();

  ProgressPicture& picture_;
  const Clock& clock_;
  const std::chrono::nanoseconds begin_;
  const bool on_terminal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// What takes the cursor back to the beginning of the line and clears all from there on.
inline constexpr std::string_view kClearBelow = "\r\033[J";

/// What draws `lines` into a terminal of this size, and leaves the cursor where it began: so much
/// of each line, and so many of them, that nothing wraps or scrolls away.
[[nodiscard]] std::string draw(const std::vector<std::string>& lines, std::size_t columns,
                               std::size_t rows);

}  // namespace pgseal::cli
