#pragma once
// What of a table of contents is restored when.

#include <set>
#include <vector>

#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// The chosen entries, by when they are restored; ids in the TOC's order.
struct Phases {
  std::vector<int> database;   ///< with --create: the database itself
  std::vector<int> pre_data;   ///< and large objects, empty
  std::set<int> data;          ///< rows and large objects
  std::vector<int> data_rest;  ///< sequences' values
  std::set<int> post_data;
  std::vector<int> last;  ///< event triggers, which must not see us tidy up
};

[[nodiscard]] Phases phases_of(const postgres::ArchiveToc& toc, const std::set<int>& chosen);

/// The database itself, its settings, its comment and who may do what with it.
[[nodiscard]] bool is_of_database(const postgres::TocEntry& entry);

/// Whether the entry says something about an object, by a comment, privileges or a label, and is
/// none itself.
[[nodiscard]] bool is_about_object(const postgres::TocEntry& entry);

/// Left behind by a restore that was interrupted and never resumed: it would mix with our own.
[[nodiscard]] bool is_restore_state(const postgres::TocEntry& entry);

/// A TOC whose entries make nothing, and can be dropped all the same. pg_restore, which knows how
/// that is said for each kind of object, skips entries without any definition.
[[nodiscard]] postgres::ArchiveToc for_dropping(postgres::ArchiveToc toc);

}  // namespace pgseal::engine
