#pragma once
// An archive backup opened for reading, as `export` and `restore` want it, and what is said of it.

#include <memory>

#include "backupset/archive_reader.h"
#include "cli/key_settings.h"

namespace pgseal::cli {

/// Verified as far as `signer` allows, with a warning where nobody vouches for it, and opened with
/// the identity, whose pass phrase is asked for where it has one. The store must outlive the
/// result.
[[nodiscard]] std::unique_ptr<backupset::ArchiveReader> open_archive(
    store::ObjectStore& store, const backupset::BackupPlace& place,
    const std::optional<crypto::MinisignPublicKey>& signer, const IdentityFile& identity,
    const std::stop_token& stop);

/// What JSON and tables say of a signature: "verified", "not checked", "none", "refused".
[[nodiscard]] const char* signature_word(backupset::Authenticity authenticity);

}  // namespace pgseal::cli
