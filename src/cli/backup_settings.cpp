#include "cli/backup_settings.h"

#include <algorithm>
#include <limits>
#include <thread>

#include "base/format.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

constexpr unsigned kMostClassicJobsByDefault = 8;
constexpr unsigned kMostClassicJobs = 256;
constexpr unsigned kBestZstdLevel = 19;  // the higher ones take memory out of proportion
constexpr std::uint64_t kLeastChunk = 64 * kKiB;
constexpr std::uint64_t kMostInMemory = kGiB;  // of a chunk, of a bundle
constexpr std::uint64_t kLeastSegment = kMiB;
constexpr std::uint64_t kMostSegment = 1024 * kGiB;

/// What only the archive format has.
std::vector<const Setting*> archive_settings() {
  return {&setting::recipients,     &setting::recipients_file,
          &setting::signing_key,    &setting::signing_key_passphrase_file,
          &setting::chunk_size,     &setting::bundle_size,
          &setting::segment_size,   &setting::zstd_level,
          &setting::pg_dump_options};
}

bool is_from(const std::optional<Value>& value, const Setting& setting) {
  return value && (value->strength == Strength::flag ||
                   value->origin == "variable " + setting.variables.front());
}

bool only_the_images_settings(Configuration& configuration) {
  for (const Setting* setting : archive_settings()) {
    if (configuration.find(*setting)) return false;
  }
  return !configuration.find(setting::store) &&
         is_from(configuration.find(setting::bucket), setting::bucket) &&
         is_from(configuration.find(setting::public_key), setting::public_key);
}

engine::ArchiveShape resolve_shape(Configuration& configuration) {
  engine::ArchiveShape shape;
  shape.jobs = configuration.number(setting::jobs, 1, kMostJobs);
  shape.chunk_size =
      configuration.size(setting::chunk_size, kLeastChunk, kMostInMemory).value_or(0);
  shape.bundle_size =
      configuration.size(setting::bundle_size, kLeastChunk, kMostInMemory).value_or(0);
  shape.segment_size =
      configuration.size(setting::segment_size, kLeastSegment, kMostSegment).value_or(0);
  shape.zstd_level = static_cast<int>(configuration.number(setting::zstd_level, 1, kBestZstdLevel));
  if (shape.bundle_size < shape.chunk_size) {
    configuration.problems().add(
        format("bundle_size is {} and chunk_size {}: a bundle has to hold a chunk",
               configuration.text_or_empty(setting::bundle_size),
               configuration.text_or_empty(setting::chunk_size)));
  }
  return shape;
}

postgres::PgDumpOptions resolve_pg_dump_options(Configuration& configuration) {
  postgres::PgDumpOptions options;
  const auto value = configuration.find(setting::pg_dump_options);
  if (!value) return options;
  configuration.problems().collect(
      [&] { options = postgres::parse_pg_dump_options(value->items); });
  return options;
}

ArchiveSettings resolve_archive(Configuration& configuration) {
  ArchiveSettings settings;
  settings.recipients = resolve_recipients(configuration);
  settings.signing_key = resolve_signing_key(configuration);
  settings.shape = resolve_shape(configuration);
  settings.pg_dump = resolve_pg_dump_options(configuration);
  return settings;
}

}  // namespace

BackupFormat resolve_format(Configuration& configuration) {
  configuration.assume(setting::format,
                       only_the_images_settings(configuration) ? "classic" : "archive", "default");
  if (configuration.one_of(setting::format, {"archive", "classic"}) == "archive") {
    return BackupFormat::archive;
  }
  for (const Setting* setting : archive_settings()) {
    const auto value = configuration.find(*setting);
    if (!value) continue;
    configuration.problems().add(
        format("the classic format has no {} ({})", setting->key, value->origin));
  }
  // A container may see more processors than it may use, and each job takes memory.
  const unsigned jobs =
      std::clamp(std::thread::hardware_concurrency(), 1u, kMostClassicJobsByDefault);
  configuration.assume(setting::jobs, std::to_string(jobs), "default, one a processor");
  return BackupFormat::classic;
}

std::optional<std::uint64_t> resolve_rate_limit(Configuration& configuration) {
  return configuration.size(setting::rate_limit, 1, std::numeric_limits<std::int64_t>::max());
}

unsigned resolve_classic_jobs(Configuration& configuration) {
  return configuration.number(setting::jobs, 1, kMostClassicJobs);
}

std::optional<BackupSettings> resolve_backup(Configuration& configuration, TimePoint now) {
  const BackupFormat format = resolve_format(configuration);
  DatabaseSettings database = resolve_source(configuration);
  auto store = resolve_store_to_write(configuration, now);
  const auto rate_limit = resolve_rate_limit(configuration);
  const auto settings_with = [&](auto of_format) {
    return BackupSettings{std::move(database), *std::move(store), rate_limit, std::move(of_format)};
  };
  if (format == BackupFormat::archive) {
    ArchiveSettings archive = resolve_archive(configuration);
    if (!configuration.problems().empty()) return std::nullopt;
    return settings_with(std::move(archive));
  }
  auto key = resolve_public_key(configuration);
  const unsigned jobs = resolve_classic_jobs(configuration);
  if (!configuration.problems().empty()) return std::nullopt;
  return settings_with(ClassicSettings{*std::move(key), jobs});
}

PlanSettings resolve_plan(Configuration& configuration) {
  return {resolve_source(configuration), resolve_shape(configuration),
          resolve_pg_dump_options(configuration)};
}

}  // namespace pgseal::cli
