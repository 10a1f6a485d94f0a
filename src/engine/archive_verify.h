#pragma once
// The verb `verify` for archive backups: proves what lies in the store, without a database.

#include <optional>
#include <string>
#include <vector>

#include "crypto/age_keys.h"
#include "crypto/minisign.h"
#include "engine/archive_progress.h"
#include "engine/verification.h"

namespace pgseal::engine {

/// A part of a backup's bundles, chosen at random: of the bundles, since one is read whole or not
/// at all. The same seed chooses the same ones.
struct Sample {
  double share = 1;  ///< in (0, 1]; at least one bundle is chosen
  std::uint64_t seed = 0;
};

struct ArchiveVerifyOptions {
  std::optional<crypto::MinisignPublicKey> signer{};
  std::vector<crypto::AgeIdentity> identities{};  ///< empty: nothing is decrypted
  bool deep = false;  ///< whether objects are read that are not decrypted
  std::optional<Sample> sample{};
  unsigned jobs = 4;
  std::string program_path{};  ///< where pg_restore is looked for, as PATH
};

/// Looks at everything, whatever is wrong with another part. Without an identity: the manifest and
/// its signature; that each object is there and has its size; with `deep` its SHA-256. With one,
/// for each object: SHA-256, age's authentication, that its tar file has the catalog's chunks and
/// nothing else, zstd, each chunk's rows and fingerprint, and the large objects'; the catalog, the
/// globals, and the table of contents against the catalog and by pg_restore, where one is
/// installed. Where the catalog cannot be opened, SHA-256 of all. The others are read also of a
/// sample.
///
/// Memory: for each of `jobs` less than 2 MiB, whatever the objects' size, and one row, or one
/// chunk of a large object that has several; and the catalog. Throws Error only where the store or
/// this machine fails, and Cancelled. Bytes of the progress: of objects planned and done; dumped is
/// what was compared, decompressed.
[[nodiscard]] Verification verify_archive(const ArchiveVerifyOptions& options,
                                          store::ObjectStore& store,
                                          const backupset::BackupPlace& place,
                                          ArchiveProgress& progress, const std::stop_token& stop);

}  // namespace pgseal::engine
