#pragma once
// What a backup is made of: which format, and with what.

#include <optional>
#include <variant>
#include <vector>

#include "cli/database_settings.h"
#include "cli/key_settings.h"
#include "cli/store_settings.h"
#include "engine/archive_backup.h"
#include "postgres/pg_dump_options.h"

namespace pgseal::cli {

enum class BackupFormat { classic, archive };

/// `format`, else classic where the settings are the old image's and no others: a bucket by
/// S3_BUCKET or --bucket and a public key by OPENSSL_PUBLIC_KEY or --public-key. Settings that the
/// format does not have are a problem.
[[nodiscard]] BackupFormat resolve_format(Configuration& configuration);

/// Bytes a second; nothing where there is no limit.
[[nodiscard]] std::optional<std::uint64_t> resolve_rate_limit(Configuration& configuration);
[[nodiscard]] unsigned resolve_classic_jobs(Configuration& configuration);

struct ClassicSettings {
  crypto::RsaPublicKey public_key;
  unsigned jobs = 1;
};

struct ArchiveSettings {
  std::vector<crypto::AgeRecipient> recipients;
  std::optional<SigningKey> signing_key;
  engine::ArchiveShape shape{};
  postgres::PgDumpOptions pg_dump{};
};

struct BackupSettings {
  DatabaseSettings database;
  StoreSettings store;
  std::optional<std::uint64_t> rate_limit;  ///< bytes a second
  std::variant<ClassicSettings, ArchiveSettings> of_format;
};

/// Nothing where there are problems.
[[nodiscard]] std::optional<BackupSettings> resolve_backup(Configuration& configuration,
                                                           TimePoint now);

/// What the plan of an archive backup needs: no keys, no store.
struct PlanSettings {
  DatabaseSettings database;
  engine::ArchiveShape shape{};
  postgres::PgDumpOptions pg_dump{};
};
[[nodiscard]] PlanSettings resolve_plan(Configuration& configuration);

}  // namespace pgseal::cli
