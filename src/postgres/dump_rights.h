#pragma once
// What pg_dump reads, and the session's role may not. Read from catalogs: nothing is locked.

#include <string>
#include <vector>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// A relation that a dump reads. Names are quoted where they have to be.
struct DumpedRelation {
  std::string schema;
  std::string name;  ///< with its schema: `public."My Table"`
};

/// Schemas in which the dump reads something, and which the role may not use.
[[nodiscard]] std::vector<std::string> schemas_without_usage(Connection& connection);
/// Tables, partitioned ones too, that the role may not lock and copy for want of SELECT.
[[nodiscard]] std::vector<DumpedRelation> tables_without_select(Connection& connection);
[[nodiscard]] std::vector<DumpedRelation> sequences_without_select(Connection& connection);
/// Tables of whose rows policies may hide some from the role.
[[nodiscard]] std::vector<std::string> tables_with_row_security(Connection& connection);
/// Their owners, quoted where they have to be, but for superusers, and only of those tables whose
/// policies do not bind the owner: whoever is a member of such a role is not bound either.
[[nodiscard]] std::vector<std::string> row_security_owners(Connection& connection);
/// Large objects, of which a database may have millions.
struct LargeObjects {
  std::uint64_t count = 0;
  std::vector<std::string> first;  ///< oids of the first hundred
};
/// Those that the role may not read.
[[nodiscard]] LargeObjects large_objects_without_select(Connection& connection);

/// The session's role, quoted where it has to be, for a GRANT.
[[nodiscard]] std::string current_role(Connection& connection);
/// How many tables a dump locks.
[[nodiscard]] std::uint64_t tables_to_lock(Connection& connection);
/// Bytes of tables and their TOAST, as of the last VACUUM or ANALYZE of each.
[[nodiscard]] std::uint64_t known_table_bytes(Connection& connection);

}  // namespace pgseal::postgres
