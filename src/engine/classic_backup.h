#pragma once
// The verb `backup` in the classic format.

#include <optional>
#include <string>
#include <vector>

#include "backupset/classic_manifest.h"
#include "base/clock.h"
#include "crypto/rsa_key.h"
#include "engine/database.h"
#include "engine/progress.h"
#include "store/object_store.h"

namespace pgseal::engine {

struct ClassicBackupOptions {
  Database database;
  crypto::RsaPublicKey public_key;
  std::optional<std::uint64_t> rate_limit;  ///< bytes of SQL a second
  unsigned jobs = 1;                        ///< threads that compress
  std::string program_path;                 ///< PATH, where pg_dump is looked for too
  std::string pgseal_version;
};

struct ClassicBackupReport {
  std::string name;
  backupset::ClassicManifest manifest;
  std::uint64_t compressed_size = 0;  ///< bytes
  std::chrono::nanoseconds duration{0};
};

/// Dumps, compresses, encrypts and stores one database:
///
///     pg_dump -> rate limit -> bzip2 on `jobs` threads -> AES-256-CBC -> data object
///
/// Nothing is published before pg_dump ended with 0 and every byte was read; then the data object,
/// the key object and the manifest appear, in this order, and the manifest is the commit. Where a
/// later one fails, the earlier ones are removed as far as the store allows it.
/// Throws Cancelled when `stop` is requested before that.
[[nodiscard]] ClassicBackupReport backup_classic(const ClassicBackupOptions& options,
                                                 store::ObjectStore& store, const Clock& clock,
                                                 Progress& progress, const std::stop_token& stop);

}  // namespace pgseal::engine
