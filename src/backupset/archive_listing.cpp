#include "backupset/archive_listing.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "backupset/read_object.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

struct Found {
  std::uint64_t size = 0;
  bool has_manifest = false;
  bool is_signed = false;
  std::vector<std::string> drills;
};

using Sizes = std::unordered_map<std::string, std::uint64_t>;

/// By the backups' names. A place where only drills are left is none.
std::map<std::string, Found> group_by_backup(const std::vector<store::ObjectInfo>& objects) {
  std::map<std::string, Found> groups;
  std::map<std::string, std::vector<std::string>> drills;
  for (const store::ObjectInfo& object : objects) {
    const auto parsed = ObjectPlace::parse(object.key);
    if (!parsed) continue;
    const std::string backup = parsed->place.name();
    if (is_drill_name(parsed->name)) {
      if (is_drill_summary_name(parsed->name)) drills[backup].push_back(object.key);
      continue;
    }
    Found& found = groups[backup];
    found.size += object.size;
    found.has_manifest |= parsed->name == kManifestName;
    found.is_signed |= parsed->name == kSignatureName;
  }
  for (auto& [backup, found] : groups) found.drills = std::move(drills[backup]);
  return groups;
}

std::string check_claims(const ArchiveManifest& manifest, const BackupPlace& place,
                         const Found& found, const Sizes& sizes) {
  manifest.require_place(place);
  if (manifest.signer && !found.is_signed) return "the manifest's signature is missing";
  for (const StoredObject& object : manifest.objects) {
    const auto size = sizes.find(object.key);
    if (size == sizes.end()) return format("\"{}\" is missing", object.key);
    if (size->second != object.size) {
      return format("\"{}\" has {} bytes, not {}", object.key, size->second, object.size);
    }
  }
  return "";
}

ArchiveEntry make_entry(store::ObjectStore& store, const BackupPlace& place, const Found& found,
                        const Sizes& sizes, const std::stop_token& stop) {
  ArchiveEntry entry{.place = place,
                     .manifest = std::nullopt,
                     .has_manifest_object = found.has_manifest,
                     .size = found.size,
                     .is_signed = found.is_signed,
                     .drills = found.drills,
                     .problem = {}};
  try {
    const auto text = found.has_manifest
                          ? read_object(store, place.key(kManifestName), stop, kMaxManifestSize)
                          : std::nullopt;
    if (!text) {
      entry.problem = "no manifest: it runs, or did not finish";
      return entry;
    }
    entry.manifest = ArchiveManifest::parse(*text);
    entry.problem = check_claims(*entry.manifest, place, found, sizes);
  } catch (const Error& error) {
    if (!concerns_one_object(error)) throw;
    entry.problem = error.message();
  }
  return entry;
}

}  // namespace

std::vector<ArchiveEntry> list_archives(store::ObjectStore& store, const std::string& database,
                                        const std::stop_token& stop) {
  const auto objects = store.list(database.empty() ? "" : encode_database(database) + "/", stop);
  Sizes sizes;
  for (const store::ObjectInfo& object : objects) sizes.emplace(object.key, object.size);
  std::vector<ArchiveEntry> entries;
  for (const auto& [name, found] : group_by_backup(objects)) {
    entries.push_back(make_entry(store, *BackupPlace::parse(name), found, sizes, stop));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.place.id.text() < b.place.id.text();
  });
  return entries;
}

}  // namespace pgseal::backupset
