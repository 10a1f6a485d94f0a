#pragma once
// Where backups lie: the contract that every store keeps, and that tests/…/store_conformance checks.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/stream.h"

namespace pgseal::store {

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
};

/// A flat set of immutable objects. Keys are relative to the store's prefix, use "/" between
/// components, and have no empty, "." or ".." component.
///
/// An object appears whole or not at all, and no operation overwrites one: creating a key that
/// exists is an Error of `Exit::storage`. Safe for use from any thread; a sink or source belongs to
/// one thread at a time. All errors are of `Exit::storage` and name the object by its URL.
/// Operations throw Cancelled soon after `stop` is requested.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// A sink of unknown length. What can be refused is refused here (no such bucket, access denied).
  /// The object is published by the sink's `finish()`; destroying the sink before that leaves
  /// nothing behind, also after `stop`.
  [[nodiscard]] virtual std::unique_ptr<Sink> create(const std::string& key,
                                                     const std::stop_token& stop) = 0;
  /// A small object in one step.
  virtual void put(const std::string& key, ByteView content, const std::stop_token& stop) = 0;

  /// The object's bytes from the beginning; nothing where it does not exist.
  [[nodiscard]] virtual std::unique_ptr<Source> open(const std::string& key,
                                                     const std::stop_token& stop) = 0;
  /// All objects whose key begins with `prefix`, in the order of their keys.
  [[nodiscard]] virtual std::vector<ObjectInfo> list(const std::string& prefix,
                                                     const std::stop_token& stop) = 0;
  /// Removes an object; removing one that does not exist is no error.
  virtual void remove(const std::string& key, const std::stop_token& stop) = 0;

  /// The object's full name for people: "s3://bucket/prefix/key", "file:///directory/key".
  [[nodiscard]] virtual std::string url(const std::string& key) const = 0;
};

}  // namespace pgseal::store
