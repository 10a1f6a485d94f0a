#include "cli/backup_report.h"

#include <unistd.h>

#include <algorithm>

#include "backupset/classic_name.h"
#include "base/file.h"
#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/table.h"

namespace pgseal::cli {

namespace {

double in_seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Bytes a second.
std::uint64_t rate_of(std::uint64_t bytes, double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds) : 0;
}

double ratio_of(std::uint64_t content, std::uint64_t compressed) {
  return compressed > 0 ? static_cast<double>(content) / static_cast<double>(compressed) : 1;
}

/// "" for none, else ", 3 requests tried again".
std::string if_any(std::uint64_t count, const std::string& what) {
  return count == 0 ? "" : format(", {} {}", count, what);
}

std::uint64_t sum_of(const RetryCounts& retries) {
  std::uint64_t sum = 0;
  for (const auto& [cause, count] : retries) sum += count;
  return sum;
}

/// "" for none, else ", 3 requests tried again (SlowDown 2, timeout 1)".
std::string retries_text(const RetryCounts& retries) {
  std::vector<std::string> causes;
  for (const auto& [cause, count] : retries) causes.push_back(format("{} {}", cause, count));
  return if_any(sum_of(retries), format("requests tried again ({})", joined(causes, ", ")));
}

}  // namespace

void report_classic(const engine::ClassicBackupReport& done, const store::ObjectStore& store,
                    const RetryCounts& retries) {
  const backupset::ClassicManifest& m = done.manifest;
  const double seconds = in_seconds(done.duration);
  const std::uint64_t rate = rate_of(m.dump_size, seconds);
  print_result(
      format("backed up \"{}\": {} ({}), {} ({}), {}; {} of SQL in {}, {}/s", m.database,
             store.url(m.data.name), format_size(m.data.size), m.key.name, format_size(m.key.size),
             done.name + std::string(backupset::kClassicManifestSuffix), format_size(m.dump_size),
             format_duration(done.duration), format_size(rate)) +
          retries_text(retries),
      {{"event", "backup"},
       {"format", "classic"},
       {"backup", done.name},
       {"database", m.database},
       {"data", {{"url", store.url(m.data.name)}, {"size", m.data.size}}},
       {"key", {{"url", store.url(m.key.name)}, {"size", m.key.size}}},
       {"sql_bytes", m.dump_size},
       {"compressed_bytes", done.compressed_size},
       {"pg_dump_warnings", m.pg_dump_warnings},
       {"retries", sum_of(retries)},
       {"retries_by_cause", retries},
       {"bytes_per_second", rate},
       {"seconds", seconds}});
}

void report_archive(const engine::ArchiveBackupReport& done, const store::ObjectStore& store,
                    const RetryCounts& retries) {
  const backupset::ArchiveManifest& m = done.manifest;
  const double seconds = in_seconds(done.duration);
  const std::uint64_t rate = rate_of(m.content_size, seconds);
  const double ratio = ratio_of(m.content_size, done.compressed_size);
  print_result(
      format("backed up \"{}\": {} ({} in {} objects, {}); {} rows in {} tables, {} large objects, "
             "{} in {}, {}/s, ratio {:.1f}",
             m.database, store.url(done.name), format_size(m.stored_size()), m.objects.size(),
             m.signer ? "signed by " + *m.signer : "unsigned", done.rows, done.tables,
             done.large_objects, format_size(m.content_size), format_duration(done.duration),
             format_size(rate), ratio) +
          if_any(m.warnings, "warnings of pg_dump") +
          if_any(done.locks_refused, "segments copied by the coordinator for want of a lock") +
          if_any(done.reconnects, "connections made again") + retries_text(retries),
      {{"event", "backup"},
       {"format", "archive"},
       {"backup", done.name},
       {"database", m.database},
       {"url", store.url(done.name)},
       {"signer", m.signer ? Json(*m.signer) : Json()},
       {"objects", m.objects.size()},
       {"tables", done.tables},
       {"segments", done.segments},
       {"rows", done.rows},
       {"large_objects", done.large_objects},
       {"content_bytes", m.content_size},
       {"compressed_bytes", done.compressed_size},
       {"stored_bytes", m.stored_size()},
       {"ratio", ratio},
       {"pg_dump_warnings", m.warnings},
       {"locks_refused", done.locks_refused},
       {"reconnects", done.reconnects},
       {"retries", sum_of(retries)},
       {"retries_by_cause", retries},
       {"bytes_per_second", rate},
       {"seconds", seconds}});
}

namespace {

Json to_json(const engine::ArchivePlanReport& plan) {
  Json tables = Json::array();
  for (const auto& table : plan.tables) {
    tables.push_back({{"name", table.name}, {"bytes", table.size}, {"segments", table.segments}});
  }
  return {{"database", plan.database},
          {"server_version", plan.server_version},
          {"pg_dump_version", plan.pg_dump_version},
          {"tables", tables},
          {"large_objects", plan.large_objects},
          {"most_memory_bytes", plan.most_memory},
          {"memory_formula", plan.memory_formula}};
}

std::string to_text(const engine::ArchivePlanReport& plan) {
  std::vector<std::vector<std::string>> rows{{"TABLE", "SIZE", "SEGMENTS"}};
  std::uint64_t size = 0, segments = 0;
  for (const auto& table : plan.tables) {
    rows.push_back({table.name, format_size(table.size), std::to_string(table.segments)});
    size += table.size;
    segments += table.segments;
  }
  return table_text(rows) +
         format("\n{} tables in {} segments, {}; {} large objects\n", plan.tables.size(), segments,
                format_size(size), plan.large_objects) +
         format("server {}, pg_dump {}\n", plan.server_version, plan.pg_dump_version) +
         format("memory: at most {}: {}\n", format_size(plan.most_memory), plan.memory_formula);
}

}  // namespace

void print_plan(const engine::ArchivePlanReport& plan, PlanForm form) {
  print_output(form == PlanForm::json ? json_text(to_json(plan)) : to_text(plan));
}

}  // namespace pgseal::cli
