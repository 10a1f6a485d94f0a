#include "backupset/classic_listing.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

/// The sizes of a backup's objects, as far as they exist.
struct Found {
  std::optional<std::uint64_t> key, data, manifest;
};

std::map<std::string, Found> group_by_name(const std::vector<store::ObjectInfo>& objects) {
  std::map<std::string, Found> groups;
  for (const auto& object : objects) {
    const auto belongs = [&](std::string_view suffix, std::optional<std::uint64_t> Found::*member) {
      if (!object.key.ends_with(suffix)) return;
      groups[object.key.substr(0, object.key.size() - suffix.size())].*member = object.size;
    };
    belongs(kClassicKeySuffix, &Found::key);
    belongs(kClassicDataSuffix, &Found::data);
    belongs(kClassicManifestSuffix, &Found::manifest);
  }
  return groups;
}

std::string check_object(const ClassicObject& claim, const std::string& expected_name,
                         const std::optional<std::uint64_t>& size, std::string_view what) {
  if (claim.name != expected_name) return format("the manifest names another {} object", what);
  if (!size) return format("the {} object is missing", what);
  if (*size != claim.size) {
    return format("the {} object has {} bytes, not {}", what, *size, claim.size);
  }
  return "";
}

std::string check_claims(const ClassicManifest& claims, const ClassicName& name,
                         const Found& found) {
  if (claims.database != name.database() || claims.started != name.started()) {
    return "the manifest is another backup's";
  }
  std::string problem = check_object(claims.data, name.data_object(), found.data, "data");
  if (problem.empty()) problem = check_object(claims.key, name.key_object(), found.key, "key");
  return problem;
}

ClassicEntry make_entry(store::ObjectStore& store, const ClassicName& name, const Found& found,
                        const std::stop_token& stop) {
  ClassicEntry entry{.name = name,
                     .manifest = std::nullopt,
                     .has_manifest_object = found.manifest.has_value(),
                     .size = found.key.value_or(0) + found.data.value_or(0),
                     .problem = {}};
  try {
    const auto text =
        found.manifest ? read_object(store, name.manifest_object(), stop) : std::nullopt;
    if (!text) {
      entry.problem = "no manifest";
      return entry;
    }
    entry.manifest = SealedManifest::parse(*text);
    entry.problem = check_claims(entry.manifest->claims(), name, found);
  } catch (const Error& error) {
    if (!concerns_one_object(error)) throw;
    entry.problem = error.message();
  }
  return entry;
}

}  // namespace

std::vector<ClassicEntry> list_classic(store::ObjectStore& store, const std::string& database,
                                       const std::stop_token& stop) {
  std::vector<ClassicEntry> entries;
  const std::string prefix = database.empty() ? "" : database + "_";
  for (const auto& [text, found] : group_by_name(store.list(prefix, stop))) {
    const auto name = ClassicName::parse(text);
    if (!name || (!database.empty() && name->database() != database)) continue;
    entries.push_back(make_entry(store, *name, found, stop));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.name.started() < b.name.started();
  });
  return entries;
}

}  // namespace pgseal::backupset
