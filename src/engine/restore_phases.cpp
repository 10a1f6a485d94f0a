#include "engine/restore_phases.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/format.h"
#include "engine/restore_state.h"

namespace pgseal::engine {

using postgres::ArchiveToc;
using postgres::Section;
using postgres::TocEntry;

namespace {

/// Whether the entry says something about an object of that kind.
bool is_about(const TocEntry& entry, std::string_view kind) {
  return is_about_object(entry) && entry.tag.value_or("").starts_with(kind);
}

}  // namespace

bool is_about_object(const TocEntry& entry) {
  constexpr std::array kAbout = {"ACL", "COMMENT", "SECURITY LABEL"};
  return std::count(kAbout.begin(), kAbout.end(), entry.description.value_or("")) > 0;
}

bool is_of_database(const TocEntry& entry) {
  return entry.description == "DATABASE" || entry.description == "DATABASE PROPERTIES" ||
         is_about(entry, "DATABASE ");
}

bool is_restore_state(const TocEntry& entry) {
  const std::string tag = entry.tag.value_or("");
  return entry.schema == RestoreState::kSchema ||
         (entry.description == "SCHEMA" && tag == RestoreState::kSchema) ||
         (is_about(entry, "SCHEMA ") && tag == format("SCHEMA {}", RestoreState::kSchema));
}

Phases phases_of(const ArchiveToc& toc, const std::set<int>& chosen) {
  Phases phases;
  Section section = Section::pre_data;
  for (const TocEntry& entry : toc.entries) {
    // Comments and privileges have no section, and follow their object.
    if (entry.section != Section::none) section = entry.section;
    if (!chosen.contains(entry.dump_id)) continue;
    const std::string description = entry.description.value_or("");
    if (is_of_database(entry)) {
      phases.database.push_back(entry.dump_id);
    } else if (description == "EVENT TRIGGER" || is_about(entry, "EVENT TRIGGER ")) {
      phases.last.push_back(entry.dump_id);
    } else if (description == "ACL" || description == "DEFAULT ACL") {
      // As pg_restore has it: nobody else gets in before everything is there.
      phases.post_data.insert(entry.dump_id);
    } else if (section == Section::pre_data || is_large_object(entry)) {
      phases.pre_data.push_back(entry.dump_id);
    } else if (section == Section::post_data) {
      phases.post_data.insert(entry.dump_id);
    } else if (entry.has_data) {
      phases.data.insert(entry.dump_id);
    } else {
      phases.data_rest.push_back(entry.dump_id);
    }
  }
  return phases;
}

ArchiveToc for_dropping(ArchiveToc toc) {
  for (TocEntry& entry : toc.entries) {
    if (!entry.drop_statement.value_or("").empty()) entry.definition = "--\n";
  }
  return toc;
}

}  // namespace pgseal::engine
