#pragma once
// Two tables of contents compared, entry by entry.

#include "engine/comparison.h"

namespace pgseal::engine {

/// Adds what differs to `result.schema`, and what is left out to `result.left_out`. Entries are
/// the same where kind, schema and name are; of several of the same name (operators, default
/// privileges of several roles) those go together that are equal. Compared are owner, table access
/// method, tablespace and definition, of privileges as a set of statements; not rows, sequences'
/// values and large objects, and neither oids nor dump ids, which no definition holds. No
/// definition that may hold a secret is told.
void compare_schema(const DatabaseContent& expected, const DatabaseContent& found,
                    const ComparisonRules& rules, backupset::Comparison& result);

/// Why what only `found` has is left out; "" where it is not.
[[nodiscard]] std::string why_extra_is_left_out(const DatabaseContent& expected);

}  // namespace pgseal::engine
