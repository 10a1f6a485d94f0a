#pragma once
// Where backups lie: the contract that every store keeps, and that
// tests/support/store_conformance.h checks.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/retry.h"
#include "base/stream.h"
#include "crypto/hash.h"

namespace pgseal::store {

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
};

/// A flat set of immutable objects. Keys are relative to the store's prefix, use "/" between
/// components, and have no empty, "." or ".." component.
///
/// An object appears whole or not at all, and no operation overwrites one: creating a key that
/// exists is an Error, at the latest in the sink's `finish()`. Safe for use from any thread; a sink
/// or source belongs to one thread at a time. All errors are of `Exit::storage` and name the object
/// by its URL. Operations throw Cancelled soon after `stop` is requested.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// A sink of unknown length. What can be refused is refused here (no such bucket, access denied).
  /// The object is published by the sink's `finish()`; destroying the sink before that leaves
  /// nothing behind, also after `stop`, which the sink hears as long as it lives.
  [[nodiscard]] virtual std::unique_ptr<Sink> create(const std::string& key,
                                                     const std::stop_token& stop) = 0;
  /// A small object in one step.
  virtual void put(const std::string& key, ByteView content, const std::stop_token& stop) = 0;
  /// The same under a key that nobody else can have chosen, since this process drew a part of it at
  /// random: where a request is repeated and the object is there already, an earlier try stored it,
  /// and one need not be allowed to look. `sha256` is that of `content`: whoever stores a backup
  /// has it for the manifest.
  virtual void put_unguessable(const std::string& key, ByteView content,
                               const crypto::Digest& /*sha256*/, const std::stop_token& stop) {
    put(key, content, stop);
  }

  /// The object's bytes from the beginning; null where it does not exist. The source hears `stop`
  /// as long as it lives, and must not outlive the store.
  [[nodiscard]] virtual std::unique_ptr<Source> open(const std::string& key,
                                                     const std::stop_token& stop) = 0;
  /// `size` bytes of the object from `offset`. An object that does not exist, or that has fewer
  /// bytes, is an Error. Of nothing (`size` 0) nothing is asked.
  [[nodiscard]] virtual Bytes read_range(const std::string& key, std::uint64_t offset,
                                         std::uint64_t size, const std::stop_token& stop) = 0;
  /// All objects whose key begins with `prefix`, in the order of their keys' bytes.
  [[nodiscard]] virtual std::vector<ObjectInfo> list(const std::string& prefix,
                                                     const std::stop_token& stop) = 0;
  /// Removes an object; removing one that does not exist is no error.
  virtual void remove(const std::string& key, const std::stop_token& stop) = 0;
  /// The same for many objects, with few requests where a store has such. The Error names one that
  /// could not be removed; others may be gone all the same.
  virtual void remove_all(const std::vector<std::string>& keys, const std::stop_token& stop) {
    for (const std::string& key : keys) remove(key, stop);
  }

  /// The object's full name for people: "s3://bucket/prefix/key", "file:///directory/key".
  [[nodiscard]] virtual std::string url(const std::string& key) const = 0;
  /// The requests that were tried again so far.
  [[nodiscard]] virtual RetryCounts retries() const { return {}; }
};

/// Whether `key` has the form that ObjectStore wants.
[[nodiscard]] bool is_valid_key(std::string_view key);
/// Throws Error of `Exit::storage` naming `url` where it has not.
void require_valid_key(std::string_view key, const std::string& url);
/// The Error of a `read_range()` beyond the end of an object.
[[nodiscard]] Error range_error(const std::string& url, std::uint64_t offset, std::uint64_t size);
/// That of one of an object that does not exist.
[[nodiscard]] Error missing_error(const std::string& url);

}  // namespace pgseal::store
