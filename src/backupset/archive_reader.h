#pragma once
// One archive backup, read: from its manifest to the bytes of a chunk. doc/formats/archive.md has
// the steps by which it is proved.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backupset/archive_manifest.h"
#include "backupset/catalog.h"
#include "crypto/age.h"
#include "crypto/minisign.h"
#include "store/object_store.h"

namespace pgseal::backupset {

/// What is known about who made a backup.
enum class Authenticity {
  verified,     ///< signed with the key that was asked for
  not_checked,  ///< a signature lies there, but nobody told by whose key it has to be
  unsigned_,    ///< no signature lies there
  refused,      ///< not signed with the key that was asked for
};

/// What JSON and tables say of it: "verified", "not checked", "none", "refused".
[[nodiscard]] const char* signature_word(Authenticity authenticity);

/// Reads a backup whose store must outlive it. The constructor and `open()` belong to one thread;
/// after that all is safe for use from any thread. Errors name the object's URL:
/// `Exit::verification` for what was changed or is missing, `Exit::key` for a wrong signer or
/// identity, `Exit::storage` and Cancelled as the store has them.
class ArchiveReader final {
 public:
  /// Reads the manifest, verifies its signature where `signer` is given, and finds every object
  /// that it names in the store, with its size: one listing, so that reading needs s3:ListBucket.
  /// One Error names all that are missing or of another size.
  /// Throws Error of `Exit::not_found` where there is no manifest.
  ArchiveReader(store::ObjectStore& store, BackupPlace place,
                const std::optional<crypto::MinisignPublicKey>& signer,
                const std::stop_token& stop);

  /// An object's key, and what is wrong with it.
  using Report = std::function<void(const std::string& key, const Error& error)>;
  /// The same for whoever wants to know all that is wrong: only a manifest that cannot be read is
  /// thrown; a signature that does not verify, and each object that is missing or of another size,
  /// are handed to `report`.
  ArchiveReader(store::ObjectStore& store, BackupPlace place,
                const std::optional<crypto::MinisignPublicKey>& signer, const Report& report,
                const std::stop_token& stop);

  [[nodiscard]] const BackupPlace& place() const { return place_; }
  [[nodiscard]] const ArchiveManifest& manifest() const { return manifest_; }
  [[nodiscard]] Authenticity authenticity() const { return authenticity_; }
  /// The signature's trusted comment; "" unless it was verified.
  [[nodiscard]] const std::string& trusted_comment() const { return trusted_comment_; }

  /// Opens the catalog with the first of `identities` that fits.
  void open(std::vector<crypto::AgeIdentity> identities, const std::stop_token& stop);
  /// What `open()` read.
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }

  /// An object of the manifest as it lies in the store, whole and with the manifest's SHA-256.
  [[nodiscard]] Bytes read_object(const std::string& key, const std::stop_token& stop) const;
  /// Reads it to its end and keeps nothing of it: for whoever only wants it proved.
  void prove_object(const std::string& key, const std::stop_token& stop) const;
  /// The same, decrypted, by its name in this backup: "toc.tar.age". After `open()`.
  [[nodiscard]] Bytes decrypt_object(std::string_view name, const std::stop_token& stop) const;
  /// The same by its whole key, as a chunk names its bundle.
  [[nodiscard]] Bytes decrypt_bundle(const std::string& key, const std::stop_token& stop) const;
  /// The same as a stream, of which little is held at a time: `take` is given pieces that age has
  /// authenticated; that they are those of the manifest's SHA-256 is known when this returns. What
  /// `take` throws is thrown, but where the object is another, which then is what is wrong.
  void read_bundle(const std::string& key, const std::function<void(Source& payload)>& take,
                   const std::stop_token& stop) const;
  /// The zstd frame of a chunk, read and decrypted by its range alone. After `open()`.
  [[nodiscard]] Bytes read_chunk(const Chunk& chunk, const std::stop_token& stop) {
    return read_part(chunk.object, chunk.offset, chunk.size, stop);
  }
  /// `size` bytes of a bundle's payload from `offset`, so several chunks at once. After `open()`.
  [[nodiscard]] Bytes read_part(const std::string& key, std::uint64_t offset, std::uint64_t size,
                                const std::stop_token& stop);

 private:
  void read_manifest(const crypto::MinisignPublicKey* signer, const Report& report,
                     const std::stop_token& stop);
  [[nodiscard]] std::string read_manifest_text(const std::stop_token& stop);
  void verify_signature(std::string_view manifest, const crypto::MinisignPublicKey* signer,
                        const std::stop_token& stop);
  void find_objects(const Report& report, const std::stop_token& stop) const;
  [[nodiscard]] std::unique_ptr<Source> open_object(const std::string& key,
                                                    const std::stop_token& stop) const;
  [[nodiscard]] const StoredObject& object(const std::string& key) const;
  [[nodiscard]] crypto::AgeRangeReader range_reader(const std::string& key,
                                                    const std::stop_token& stop);
  [[nodiscard]] crypto::AgeRangeReader open_range_reader(const StoredObject& object,
                                                         const std::stop_token& stop) const;

  store::ObjectStore& store_;
  BackupPlace place_;
  ArchiveManifest manifest_;
  Authenticity authenticity_ = Authenticity::unsigned_;
  std::string trusted_comment_;
  std::vector<crypto::AgeIdentity> identities_;
  Catalog catalog_;
  std::mutex mutex_;
  std::map<std::string, crypto::AgeRangeReader> range_readers_;  // by key; guarded by mutex_
};

}  // namespace pgseal::backupset
