#include "engine/object_uploader.h"

namespace pgseal::engine {

ObjectUploader::ObjectUploader(store::ObjectStore& store, Bounds bounds, Progress& progress,
                               TaskGroup& group)
    : store_(store),
      progress_(progress),
      stop_(group.token()),
      queue_(bounds.objects),
      free_(bounds.objects) {
  for (unsigned i = 0; i < bounds.threads; ++i) {
    group.run([this](const std::stop_token& stop) { run(stop); });
  }
}

void ObjectUploader::put(WholeObject object) {
  auto entry = backupset::StoredObject::of(object.key, object.content, object.sha256);
  {
    const std::lock_guard lock(mutex_);
    objects_.push_back(std::move(entry));
  }
  queue_.push(std::move(object), stop_);
}

Bytes ObjectUploader::take_buffer() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait(lock, stop_, [&] { return free_ > 0; })) throw Cancelled();
  --free_;
  if (buffers_.empty()) return {};
  Bytes buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

std::vector<backupset::StoredObject> ObjectUploader::objects() const {
  const std::lock_guard lock(mutex_);
  return objects_;
}

std::vector<std::string> ObjectUploader::stored() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}

void ObjectUploader::run(const std::stop_token& stop) {
  while (auto object = queue_.pop(stop)) {
    store_.put_unguessable(object->key, object->content, object->sha256, stop);
    progress_.transferred += object->content.size();
    const std::lock_guard lock(mutex_);
    stored_.push_back(std::move(object->key));
    object->content.clear();
    buffers_.push_back(std::move(object->content));
    ++free_;
    returned_.notify_one();
  }
}

}  // namespace pgseal::engine
