#pragma once
// Two contents compared: tables' rows, sequences, large objects, and the schema entry by entry.

#include <map>
#include <string>

#include "backupset/drill_report.h"
#include "engine/database_content.h"

namespace pgseal::engine {

struct ComparisonRules {
  /// Why entries of the expected TOC need not be in the other, or be alike, by their dump ids.
  std::map<int, std::string> excuses{};
  /// Whether the database itself is meant, its settings and privileges, and not only what is in it.
  bool database_itself = false;
};

/// Compares what `found` holds with what `expected` says. Tables, sequences and entries of the
/// schema are the same where kind, schema and name are; large objects where their oids are. Left
/// out is what has an excuse; what only `found` has, where `expected` is only a part of its
/// database; and how definitions are worded, where the two come from different major versions of
/// the server or of pg_dump.
[[nodiscard]] backupset::Comparison compare(const DatabaseContent& expected,
                                            const DatabaseContent& found,
                                            const ComparisonRules& rules);

}  // namespace pgseal::engine
