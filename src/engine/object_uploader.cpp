#include "engine/object_uploader.h"

namespace pgseal::engine {

ObjectUploader::ObjectUploader(store::ObjectStore& store, unsigned threads, Progress& progress,
                               TaskGroup& group)
    : store_(store), progress_(progress), stop_(group.token()) {
  for (unsigned i = 0; i < threads; ++i) {
    group.run([this](const std::stop_token& stop) { run(stop); });
  }
}

void ObjectUploader::put(std::string key, Bytes content) {
  queue_.push({std::move(key), std::move(content)}, stop_);
}

Bytes ObjectUploader::take_buffer() {
  const std::lock_guard lock(mutex_);
  if (buffers_.empty()) return {};
  Bytes buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

std::vector<backupset::StoredObject> ObjectUploader::stored() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}

void ObjectUploader::run(const std::stop_token& stop) {
  while (auto object = queue_.pop(stop)) {
    const crypto::Digest sha256 = crypto::sha256(object->content);
    auto stored = backupset::StoredObject::of(object->key, object->content, sha256);
    store_.put_unguessable(object->key, object->content, sha256, stop);
    progress_.transferred += object->content.size();
    const std::lock_guard lock(mutex_);
    stored_.push_back(std::move(stored));
    object->content.clear();
    buffers_.push_back(std::move(object->content));
  }
}

}  // namespace pgseal::engine
