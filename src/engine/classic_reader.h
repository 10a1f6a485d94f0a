#pragma once
// Opens a classic backup: finds it, proves it, and gives its SQL.

#include <optional>
#include <string>

#include "backupset/classic_listing.h"
#include "crypto/rsa_key.h"
#include "engine/progress.h"
#include "store/object_store.h"

namespace pgseal::engine {

/// What is read: a backup with a manifest that is no damaged one; a pair of objects without one as
/// well, as the old image made them; or whatever is there, by whoever looks what is wrong with it
/// (then the latest is the newest with a manifest).
enum class Trust { verified, unverified, none };

[[nodiscard]] bool is_readable(const backupset::ClassicEntry& entry, Trust trust);

/// The backup of this name. Throws Error of `Exit::usage` where it is no name, of
/// `Exit::not_found` where there is none, of `Exit::verification` where it is there but is no
/// backup.
[[nodiscard]] backupset::ClassicEntry find_classic(store::ObjectStore& store,
                                                   const std::string& name, Trust trust,
                                                   const std::stop_token& stop);

/// Reads an object to its end and compares it with what a manifest says of it. Throws Error of
/// `Exit::verification`.
void prove_object(store::ObjectStore& store, const backupset::ClassicObject& wanted,
                  Progress& progress, const std::stop_token& stop);

enum class Proof { objects, content };

/// One backup, opened with the private key. Belongs to one thread.
class ClassicReader final {
 public:
  /// Decrypts the key object and authenticates the manifest. Throws Error of `Exit::key` for a
  /// wrong private key, of `Exit::verification` for a manifest or key object that was changed.
  ClassicReader(store::ObjectStore& store, backupset::ClassicEntry entry,
                const crypto::RsaPrivateKey& identity, const std::stop_token& stop);

  /// Reads the whole data object and compares it with the manifest. With `Proof::content`, and
  /// where there is no manifest, decrypts and decompresses all of it too, and looks for pg_dump's
  /// closing line. Throws Error of `Exit::verification`.
  void verify(Progress& progress, Proof proof = Proof::objects);

  /// Writes the SQL to `sink`, and does not finish it: that is right only after this returned, when
  /// the object was again the one that `verify()` has seen. Throws Error of `Exit::verification`.
  void write_sql(Sink& sink, Progress& progress);

  [[nodiscard]] const backupset::ClassicEntry& entry() const { return entry_; }

 private:
  void decode(Source& encrypted, Sink& sink, Progress& progress);
  void decode_whole(Source& encrypted, Progress& progress);

  store::ObjectStore& store_;
  backupset::ClassicEntry entry_;
  std::stop_token stop_;
  Secret passphrase_;
  std::optional<backupset::ClassicObject> verified_;  // what verify() has seen
};

}  // namespace pgseal::engine
