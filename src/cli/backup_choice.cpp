#include "cli/backup_choice.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace pgseal::cli {

namespace {

const backupset::ClassicEntry* as_classic(const ListedBackup& backup) {
  return std::get_if<backupset::ClassicEntry>(&backup.entry());
}
const backupset::ArchiveEntry& as_archive(const ListedBackup& backup) {
  return std::get<backupset::ArchiveEntry>(backup.entry());
}

bool is_readable(const ListedBackup& backup, engine::Trust trust) {
  const auto* classic = as_classic(backup);
  if (classic != nullptr) return engine::is_readable(*classic, trust);
  return trust == engine::Trust::none ? backup.has_manifest() : backup.committed();
}

/// The last moment that `text` can mean; nothing where it is no time.
std::optional<TimePoint> parse_time(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.ends_with('Z')) text.pop_back();
  for (const char* rest : {"Z", ":59Z", "T23:59:59Z"}) {
    if (const auto time = parse_utc(text + rest)) return time;
  }
  return std::nullopt;
}

/// The newest that is not after `until`, where that is said.
ListedBackup latest_of(const std::vector<ListedBackup>& backups, engine::Trust trust,
                       const std::optional<TimePoint>& until) {
  std::set<std::string> databases;
  const ListedBackup* latest = nullptr;
  for (const ListedBackup& backup : backups) {
    if (!is_readable(backup, trust) || (until && backup.started() > *until)) continue;
    databases.insert(backup.database());
    latest = &backup;
  }
  if (latest == nullptr) {
    throw Error(Exit::not_found,
                until ? format("cannot find a backup: there is none until {}", format_utc(*until))
                      : "cannot find a backup: there is none");
  }
  if (databases.size() == 1) return *latest;
  throw Error(Exit::usage,
              format("cannot tell which backup is the latest: the store holds those of \"{}\"",
                     joined(databases, "\", \"")))
      .with_hint("choose one with --database");
}

}  // namespace

std::string ListedBackup::name() const {
  const auto* classic = as_classic(*this);
  return classic != nullptr ? classic->name.text() : as_archive(*this).place.name();
}

const std::string& ListedBackup::database() const {
  const auto* classic = as_classic(*this);
  return classic != nullptr ? classic->name.database() : as_archive(*this).place.database;
}

TimePoint ListedBackup::started() const {
  const auto* classic = as_classic(*this);
  return classic != nullptr ? classic->name.started() : as_archive(*this).place.id.started();
}

const std::string& ListedBackup::problem() const {
  const auto* classic = as_classic(*this);
  return classic != nullptr ? classic->problem : as_archive(*this).problem;
}

bool ListedBackup::has_manifest() const {
  return std::visit([](const auto& entry) { return entry.has_manifest_object; }, entry_);
}

std::vector<ListedBackup> list_backups(store::ObjectStore& store, const std::string& database,
                                       const std::stop_token& stop) {
  std::vector<ListedBackup> backups;
  for (auto& entry : backupset::list_classic(store, database, stop)) {
    backups.emplace_back(std::move(entry));
  }
  for (auto& entry : backupset::list_archives(store, database, stop)) {
    backups.emplace_back(std::move(entry));
  }
  std::stable_sort(backups.begin(), backups.end(),
                   [](const auto& a, const auto& b) { return a.started() < b.started(); });
  return backups;
}

ChosenBackup choose_backup(store::ObjectStore& store, const std::string& name,
                           const std::string& database, engine::Trust trust,
                           const std::stop_token& stop) {
  if (auto place = backupset::BackupPlace::parse(name)) return *std::move(place);
  const auto time = parse_time(name);
  if (name != "latest" && !time) return engine::find_classic(store, name, trust, stop);
  const ListedBackup latest = latest_of(list_backups(store, database, stop), trust, time);
  if (const auto* classic = as_classic(latest)) return *classic;
  return as_archive(latest).place;
}

backupset::BackupPlace choose_archive(store::ObjectStore& store, const std::string& name,
                                      const std::string& database, const std::string& verb,
                                      const std::string& hint, const std::stop_token& stop) {
  ChosenBackup chosen = choose_backup(store, name, database, engine::Trust::verified, stop);
  if (auto* place = std::get_if<backupset::BackupPlace>(&chosen)) return std::move(*place);
  throw Error(Exit::usage, format("cannot {} \"{}\": it is in the classic format", verb,
                                  std::get<backupset::ClassicEntry>(chosen).name.text()))
      .with_hint(hint);
}

}  // namespace pgseal::cli
