#pragma once
// Stores whole objects while their makers go on.

#include <mutex>
#include <string>
#include <vector>

#include "backupset/archive_manifest.h"
#include "base/queue.h"
#include "base/task_group.h"
#include "engine/progress.h"
#include "store/object_store.h"

namespace pgseal::engine {

/// Threads of `group` that put objects. At most `threads` + 1 objects are held; a maker that is
/// faster than they are waits. The first error is the group's. Safe for use from any thread.
class ObjectUploader final {
 public:
  /// All references must outlive the group's end.
  ObjectUploader(store::ObjectStore& store, unsigned threads, Progress& progress, TaskGroup& group);

  /// Takes an object over. Throws Cancelled where the group stops before there is room.
  void put(std::string key, Bytes content);
  /// An empty buffer, with the memory of an object that is stored by now, where there is one: fresh
  /// memory costs the kernel more time than encryption takes.
  [[nodiscard]] Bytes take_buffer();
  /// No more will come; the threads end when all are stored.
  void close() { queue_.close(); }
  /// What was stored so far, in no order.
  [[nodiscard]] std::vector<backupset::StoredObject> stored() const;

 private:
  struct Object {
    std::string key;
    Bytes content;
  };
  void run(const std::stop_token& stop);

  store::ObjectStore& store_;
  Progress& progress_;
  std::stop_token stop_;
  BoundedQueue<Object> queue_{1};
  mutable std::mutex mutex_;
  std::vector<backupset::StoredObject> stored_;  // guarded by mutex_, as all that follows
  std::vector<Bytes> buffers_;
};

}  // namespace pgseal::engine
