#pragma once
// An archive backup opened for reading, as `export` and `restore` want it.

#include <memory>

#include "backupset/archive_reader.h"
#include "cli/key_settings.h"

namespace pgseal::cli {

/// Warns where nobody vouches for the backup.
void warn_of_signature(const backupset::ArchiveReader& reader);

/// Verified as far as `signer` allows, with a warning where nobody vouches for it, and opened with
/// the identity, whose pass phrase is asked for where it has one. The store must outlive the
/// result.
[[nodiscard]] std::unique_ptr<backupset::ArchiveReader> open_archive(
    store::ObjectStore& store, const backupset::BackupPlace& place,
    const std::optional<crypto::MinisignPublicKey>& signer, const IdentityFile& identity,
    const std::stop_token& stop);

}  // namespace pgseal::cli
