#pragma once
// A directory of this machine as a store.

#include <string>

#include "base/file.h"
#include "store/object_store.h"

namespace pgseal::store {

/// Each object is a file; "/" in a key makes subdirectories, and empty ones may stay behind.
///
/// An object is written under a hidden temporary name (".NAME.RANDOM.tmp") beside its place, made
/// durable (fsync) and then renamed, never over another. What a killed process leaves under such a
/// name is no object. The directory itself is never made: a file system that is not mounted must
/// not be taken for an empty store. Thread rule and failures as the contract says.
class DirectoryStore final : public ObjectStore {
 public:
  /// `directory` need not exist yet; the first operation finds that out.
  explicit DirectoryStore(std::string directory);

  std::unique_ptr<Sink> create(const std::string& key, const std::stop_token& stop) override;
  void put(const std::string& key, ByteView content, const std::stop_token& stop) override;
  std::unique_ptr<Source> open(const std::string& key, const std::stop_token& stop) override;
  Bytes read_range(const std::string& key, std::uint64_t offset, std::uint64_t size,
                   const std::stop_token& stop) override;
  std::vector<ObjectInfo> list(const std::string& prefix, const std::stop_token& stop) override;
  void remove(const std::string& key, const std::stop_token& stop) override;
  std::string url(const std::string& key) const override;

 private:
  [[nodiscard]] std::string path_of(const std::string& key) const;
  /// Nothing where there is no such object.
  [[nodiscard]] UniqueFd open_file(const std::string& key, const std::stop_token& stop) const;

  std::string directory_;
};

}  // namespace pgseal::store
