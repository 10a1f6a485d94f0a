#pragma once
// Reports of drills in the store, beside the backups that were drilled.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backupset/archive_listing.h"
#include "backupset/drill_summary.h"
#include "crypto/age_keys.h"
#include "crypto/minisign.h"
#include "store/object_store.h"

namespace pgseal::backupset {

/// A document, and its signature by stock minisign where there is a key: the content of FILE and of
/// FILE.minisig.
struct SignedText {
  std::string text;
  std::optional<std::string> signature;
};
/// The trusted comment is "pgseal drill {backup}". `key` may be null.
[[nodiscard]] SignedText sign_drill(std::string text, const std::string& backup,
                                    const crypto::MinisignSecretKey* key);

/// What is stored of a drill.
struct StoredDrill {
  BackupPlace place;
  DrillSummary summary;                          ///< for everybody
  SignedText report;                             ///< the JSON; it names tables, and so is encrypted
  std::string page;                              ///< the same as HTML
  std::vector<crypto::AgeRecipient> recipients;  ///< who may read both; empty: neither is stored
};

/// Stores the report, then the summary, signed with `key` where that is not null, and returns the
/// summary's key. Needs s3:PutObject only. Errors as the store has them; a report without a summary
/// may be left behind then, which nobody looks at.
std::string store_drill(store::ObjectStore& store, const StoredDrill& drill,
                        const crypto::MinisignSecretKey* key, const std::stop_token& stop);

/// The newest drill whose summary can be read and is about this backup; nothing where there is
/// none. Nobody has verified its signature. Errors as the store has them, but for those about one
/// object.
[[nodiscard]] std::optional<DrillSummary> newest_drill(store::ObjectStore& store,
                                                       const ArchiveEntry& entry,
                                                       const std::stop_token& stop);

}  // namespace pgseal::backupset
