#pragma once
// The verb `verify` for classic backups: proves what lies in the store, without a database.

#include "engine/classic_reader.h"
#include "engine/verification.h"

namespace pgseal::engine {

/// Without `identity`: the manifest can be read, both objects are there, with their sizes; with
/// `deep` their SHA-256. With an identity: the manifest's HMAC, SHA-256, decryption, bzip2 to the
/// end, the size of the SQL, and pg_dump's closing line. Throws as verify_archive(); memory as the
/// ClassicReader's.
[[nodiscard]] Verification verify_classic(const backupset::ClassicEntry& entry,
                                          const crypto::RsaPrivateKey* identity, bool deep,
                                          store::ObjectStore& store, Progress& progress,
                                          const std::stop_token& stop);

}  // namespace pgseal::engine
