#pragma once
// Stores whole objects while their makers go on.

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "backupset/archive_manifest.h"
#include "base/queue.h"
#include "base/task_group.h"
#include "engine/object_sink.h"
#include "engine/progress.h"
#include "store/object_store.h"

namespace pgseal::engine {

/// Threads of `group` that put objects. The first error is the group's. Safe for use from any
/// thread.
class ObjectUploader final {
 public:
  struct Bounds {
    unsigned threads = 1;  ///< objects on their way
    unsigned objects = 1;  ///< held in memory: those that are made, that wait, and on their way
  };
  /// All references must outlive the group's end.
  ObjectUploader(store::ObjectStore& store, Bounds bounds, Progress& progress, TaskGroup& group);

  /// Where every object begins: an empty buffer, with the memory of one that is stored by now where
  /// there is one, since fresh memory costs the kernel more time than encryption takes. Waits where
  /// too many objects are held; throws Cancelled where the group stops before.
  [[nodiscard]] Bytes take_buffer();
  /// Takes over an object, an age file, that began with `take_buffer()`.
  void put(WholeObject object);
  /// No more will come; the threads end when all are stored.
  void close() { queue_.close(); }
  /// What was taken over so far, in no order, as a manifest has it.
  [[nodiscard]] std::vector<backupset::StoredObject> objects() const;
  /// The keys of what was stored so far, in no order.
  [[nodiscard]] std::vector<std::string> stored() const;

 private:
  void run(const std::stop_token& stop);

  store::ObjectStore& store_;
  Progress& progress_;
  std::stop_token stop_;
  BoundedQueue<WholeObject> queue_;
  mutable std::mutex mutex_;
  std::condition_variable_any returned_;
  unsigned free_;  // objects that may be begun; guarded by mutex_, as all that follows
  std::vector<backupset::StoredObject> objects_;
  std::vector<std::string> stored_;
  std::vector<Bytes> buffers_;
};

}  // namespace pgseal::engine
