#pragma once
// What the plan of a dump has to know of tables beyond the archive's TOC.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "postgres/connection.h"

namespace pgseal::postgres {

struct Relation {
  std::string name;             ///< schema and table, quoted
  char kind = 0;                ///< pg_class.relkind
  std::uint64_t blocks = 0;     ///< of the main fork, now
  std::uint64_t size = 0;       ///< bytes of the main fork and of TOAST's
  std::uint32_t file_node = 0;  ///< now; 0 where it has no storage
  /// The snapshot knows another file node, or another table by this name.
  bool changed = false;
  bool is_heap = false;   ///< can be read by ranges of blocks
  std::string condition;  ///< of an extension's configuration table: " WHERE ...", or ""
};

/// Quoted names of those that can be locked: tables, foreign ones not. Reads catalogs only.
[[nodiscard]] std::vector<std::string> lockable_tables(Connection& connection,
                                                       const std::vector<std::uint32_t>& oids);

/// By oid; `block_size` is the server's, in bytes; what is not there any more is left out. Sizes
/// are read now, and so are at least those of the transaction's snapshot. To read a size locks the
/// table for a moment, so that a table that is not locked yet may make this wait for whoever has
/// it.
[[nodiscard]] std::map<std::uint32_t, Relation> read_relations(
    Connection& connection, const std::vector<std::uint32_t>& oids, std::uint64_t block_size);

/// "{1,2,3}", for a parameter of type oid[] or of another array of numbers.
[[nodiscard]] std::string number_array(const std::vector<std::uint32_t>& oids);

/// Bytes in a block of the server's.
[[nodiscard]] std::uint64_t block_size(Connection& connection);

}  // namespace pgseal::postgres
