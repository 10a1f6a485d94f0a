#pragma once
// All that can be set. doc/configuration.md has them in a table.

#include <vector>

#include "cli/setting.h"

namespace pgseal::cli {

/// The largest value of `jobs`, but for classic backups.
inline constexpr unsigned kMostJobs = 64;

namespace setting {

// The program.
extern const Setting config, profile, log_format;
// The database.
extern const Setting host, port, user, database, dbname, password, region, db_auth, rds_ca;
// The store.
extern const Setting store, bucket, prefix, s3_region, addressing, expected_bucket_owner,
    request_payer;
// How servers over HTTP are reached.
extern const Setting ca_bundle, allow_http, stall_timeout;
// Whom AWS knows us as.
extern const Setting assume_role, external_id, db_role, store_role;
// What S3 is told of the objects that are written.
extern const Setting request_checksum_calculation, conditional_writes, part_size, storage_class,
    sse, sse_kms_key_id, sse_bucket_key, lock_mode, lock_until, legal_hold, tags;
// The keys of who writes.
extern const Setting public_key, recipients, recipients_file, signing_key,
    signing_key_passphrase_file;
// The key of who drills.
extern const Setting report_signing_key, report_signing_key_passphrase_file;
// The backup.
extern const Setting format, jobs, rate_limit, chunk_size, bundle_size, segment_size, zstd_level,
    pg_dump_options;
// The keys of who reads.
extern const Setting identity, passphrase_file, signer;
/// The database of which a backup is read: as `database`, without libpq's variable, which rather
/// names the one to restore into.
extern const Setting wanted_database;

}  // namespace setting

/// In the order in which people look at them.
[[nodiscard]] const std::vector<const Setting*>& all_settings();

/// The setting with this key in files; null where there is none.
[[nodiscard]] const Setting* setting_of_key(const std::string& key);

}  // namespace pgseal::cli
