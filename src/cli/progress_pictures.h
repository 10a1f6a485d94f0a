#pragma once
// What there is to see of the verbs.

#include <vector>

#include "cli/progress_view.h"
#include "engine/archive_progress.h"
#include "engine/progress.h"

namespace pgseal::cli {

/// One stream of bytes, of which nobody knows the end.
class TransferPicture final : public ProgressPicture {
 public:
  /// The words for what is counted: "dumped", "compressed", "sent".
  struct Words {
    const char* sql;
    const char* compressed;  ///< null: not shown
    const char* transferred;
  };
  TransferPicture(const engine::Progress& progress, Words words)
      : progress_(progress), words_(words) {}
  std::vector<std::string> lines(std::chrono::nanoseconds elapsed) override;
  LogLine log_line(std::chrono::nanoseconds elapsed) override;

 private:
  const engine::Progress& progress_;
  const Words words_;
};

/// Workers side by side, and how much of the whole they have done.
class WorkersPicture final : public ProgressPicture {
 public:
  /// The words for what is counted: "copied", "the database's", "sent".
  struct Words {
    const char* content;
    const char* whose;
    const char* transferred;
  };
  WorkersPicture(const engine::ArchiveProgress& progress, Words words)
      : progress_(progress), words_(words) {}
  /// A line for all, and one a worker.
  std::vector<std::string> lines(std::chrono::nanoseconds elapsed) override;
  LogLine log_line(std::chrono::nanoseconds elapsed) override;

 private:
  /// A worker as it was seen before.
  struct Seen {
    std::string what;
    std::uint64_t bytes = 0;
    double rate = 0;  // bytes a second, smoothed
  };
  void look(std::chrono::nanoseconds elapsed);

  const engine::ArchiveProgress& progress_;
  const Words words_;
  std::vector<Seen> workers_;
  std::chrono::nanoseconds last_look_{0};
};

}  // namespace pgseal::cli
