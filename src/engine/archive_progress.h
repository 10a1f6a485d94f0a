#pragma once
// How far an archive backup has come, worker by worker, for whoever shows it.

#include <mutex>
#include <string>
#include <vector>

#include "engine/progress.h"

namespace pgseal::engine {

/// Raised by the workers, read by any thread.
class ArchiveProgress final {
 public:
  struct Worker {
    std::string what;         ///< "public.orders 3/12", "large objects"; "" while it has no work
    std::uint64_t bytes = 0;  ///< of COPY text, of this piece of work
  };

  /// Bytes: dumped is COPY text and large objects, compressed zstd frames, transferred objects.
  Progress totals;
  /// Sizes in the database, as far as it tells them, of all that is to be copied, and of what has
  /// been. Their ratio is the progress; `done` never goes back.
  std::atomic<std::uint64_t> planned{0}, done{0};

  void begin(std::size_t worker, std::string what) {
    const std::lock_guard lock(mutex_);
    if (workers_.size() <= worker) workers_.resize(worker + 1);
    workers_[worker] = {std::move(what), 0};
  }
  void add(std::size_t worker, std::uint64_t bytes) {
    totals.dumped += bytes;
    const std::lock_guard lock(mutex_);
    workers_.at(worker).bytes += bytes;
  }
  [[nodiscard]] std::vector<Worker> workers() const {
    const std::lock_guard lock(mutex_);
    return workers_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Worker> workers_;  // guarded by mutex_
};

}  // namespace pgseal::engine
