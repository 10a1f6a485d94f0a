#include "engine/drill_errors.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>

#include "base/format.h"
#include "engine/restore_errors.h"

namespace pgseal::engine {

using postgres::ArchiveToc;
using postgres::RestoreMessage;
using postgres::TocEntry;

namespace {

/// Whether an ALTER ... OWNER belongs to the entry.
bool gets_owner(const TocEntry& entry) {
  static constexpr std::array<std::string_view, 4> kLateKinds = {"EVENT TRIGGER", "PUBLICATION",
                                                                 "STATISTICS", "SUBSCRIPTION"};
  return entry.section == postgres::Section::pre_data || is_large_object(entry) ||
         is_one_of(entry, kLateKinds);
}

/// Whether the server says that the entry's owner, or a role that the entry is about, is not there.
/// Where rows or an index name a role (in what a trigger says), that is an error like any other.
bool lacks_role(const TocEntry& entry, std::string_view text) {
  static constexpr std::array<std::string_view, 5> kKindsAboutRoles = {
      "ACL", "DATABASE PROPERTIES", "DEFAULT ACL", "POLICY", "USER MAPPING"};
  if (is_one_of(entry, kKindsAboutRoles)) {
    const std::size_t at = text.find("role \"");
    return at != std::string_view::npos && text.find("\" does not exist", at) != text.npos;
  }
  const std::string owner = entry.owner.value_or("");
  return gets_owner(entry) && text.find(format("role \"{}\" does not exist", owner)) != text.npos;
}

/// Entries by their dump ids, and what depends on them.
class Dependencies final {
 public:
  explicit Dependencies(const ArchiveToc& toc) {
    for (const TocEntry& entry : toc.entries) {
      entries_[std::to_string(entry.dump_id)] = &entry;
      for (const std::string& id : entry.dependencies) dependents_[id].push_back(&entry);
    }
  }

  /// Null where there is none.
  [[nodiscard]] const TocEntry* entry(int id) const {
    const auto found = entries_.find(std::to_string(id));
    return found == entries_.end() ? nullptr : found->second;
  }

  /// All that cannot be without `entry`, and are not in `known` yet.
  void add_dependents(const TocEntry& entry, std::map<int, std::string>& known) const {
    const std::string why = format("it needs {}", entry_name(entry));
    std::deque<const TocEntry*> pending{&entry};
    for (; !pending.empty(); pending.pop_front()) {
      const auto dependents = dependents_.find(std::to_string(pending.front()->dump_id));
      if (dependents == dependents_.end()) continue;
      for (const TocEntry* dependent : dependents->second) {
        if (known.emplace(dependent->dump_id, why).second) pending.push_back(dependent);
      }
    }
  }

  /// Whether it is about an object that no entry makes: an extension's.
  [[nodiscard]] bool is_about_member(const TocEntry& entry) const {
    return std::any_of(entry.dependencies.begin(), entry.dependencies.end(),
                       [&](const std::string& id) { return !entries_.contains(id); });
  }

 private:
  std::map<std::string, const TocEntry*> entries_;
  std::map<std::string, std::vector<const TocEntry*>> dependents_;
};

std::map<int, std::string> find_excuses(const ArchiveToc& toc,
                                        const ArchiveRestoreReport& restored) {
  const Dependencies dependencies(toc);
  std::map<int, std::string> excuses;
  for (const RestoreMessage& message : restored.left_out) excuses[message.dump_id] = message.text;
  bool lacks_extension = false;
  for (const RestoreMessage& error : restored.errors) {
    const TocEntry* entry = dependencies.entry(error.dump_id);
    if (entry == nullptr) continue;
    if (entry->description == "EXTENSION") {
      lacks_extension = true;
      excuses[error.dump_id] = "the server does not have it: " + error.text;
      dependencies.add_dependents(*entry, excuses);
    } else if (lacks_role(*entry, error.text)) {
      excuses[error.dump_id] = error.text;
    }
  }
  for (const RestoreMessage& error : restored.errors) {
    const TocEntry* entry = dependencies.entry(error.dump_id);
    if (!lacks_extension || entry == nullptr || !dependencies.is_about_member(*entry)) continue;
    if (excuses.emplace(error.dump_id, "it belongs to an extension that the server does not have")
            .second) {
      dependencies.add_dependents(*entry, excuses);
    }
  }
  excuses.erase(0);  // what belongs to no entry excuses none
  return excuses;
}

}  // namespace

JudgedErrors judge_errors(const ArchiveToc& toc, const ArchiveRestoreReport& restored) {
  JudgedErrors judged{.errors = {}, .excuses = find_excuses(toc, restored)};
  for (const RestoreMessage& error : restored.errors) {
    if (!judged.excuses.contains(error.dump_id)) judged.errors.push_back({error.entry, error.text});
  }
  if (restored.error_count > restored.errors.size()) {
    judged.errors.push_back({"", format("{} more errors, which pg_restore counted and did not name",
                                        restored.error_count - restored.errors.size())});
  }
  return judged;
}

}  // namespace pgseal::engine
