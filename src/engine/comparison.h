#pragma once
// Two contents compared: tables' rows, sequences, large objects, and the schema entry by entry.

#include <map>
#include <string>

#include "backupset/drill_report.h"
#include "engine/database_content.h"

namespace pgseal::engine {

/// Why entries of the expected side need not be in the other, by their dump ids.
using Excuses = std::map<int, std::string>;

/// Compares what `found` holds with what `expected` says. Tables, sequences and entries of the
/// schema are the same where kind, schema and name are; large objects where their oids are. What
/// has an excuse is left out; so is what only `found` has where `expected` is only a part of its
/// database, and how definitions are worded where the two come from other versions of server or
/// pg_dump.
[[nodiscard]] backupset::Comparison compare(const DatabaseContent& expected,
                                            const DatabaseContent& found,
                                            const Excuses& excuses = {});

}  // namespace pgseal::engine
