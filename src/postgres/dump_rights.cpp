#include "postgres/dump_rights.h"

#include "base/format.h"
#include "postgres/dumped_relations.h"

namespace pgseal::postgres {

namespace {

constexpr const char* kHidesRows =
    "c.relkind = 'r' AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)";
constexpr const char* kSchema = "pg_catalog.quote_ident(n.nspname)";

/// Relations of these kinds that the role may not read; the function takes sequences too.
std::vector<DumpedRelation> without_select(Connection& connection, const char* kinds) {
  std::vector<DumpedRelation> found;
  const std::string condition = format(
      "c.relkind IN ({}) AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2",
      kinds);
  for (const auto& row :
       connection.query(select_dumped(format("{}, {}", kSchema, kRelationName), condition))) {
    found.push_back({row[0].value_or(""), row[1].value_or("")});
  }
  return found;
}

std::uint64_t number(Connection& connection, const std::string& sql) {
  return std::stoull(connection.query_column(sql).at(0));
}

}  // namespace

std::vector<std::string> schemas_without_usage(Connection& connection) {
  return connection.query_column(
      select_dumped(format("DISTINCT {}", kSchema),
                    "c.relkind IN ('r', 'p', 'S') AND "
                    "NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')") +
      " ORDER BY 1");
}

std::vector<DumpedRelation> tables_without_select(Connection& connection) {
  return without_select(connection, "'r', 'p'");
}

std::vector<DumpedRelation> sequences_without_select(Connection& connection) {
  return without_select(connection, "'S'");
}

std::vector<std::string> tables_with_row_security(Connection& connection) {
  return connection.query_column(select_dumped(kRelationName, kHidesRows) + " ORDER BY 1");
}

std::vector<std::string> row_security_owners(Connection& connection) {
  return connection.query_column(
      select_dumped("DISTINCT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))",
                    format("{} AND NOT c.relforcerowsecurity AND NOT (SELECT rolsuper FROM "
                           "pg_catalog.pg_roles o WHERE o.oid = c.relowner)",
                           kHidesRows)) +
      " ORDER BY 1");
}

LargeObjects large_objects_without_select(Connection& connection) {
  // Releases before 18 have no function that tells.
  const char* may_read = connection.server_version() >= 180000
                             ? "pg_catalog.has_largeobject_privilege(l.oid, 'SELECT')"
                             : R"((
        pg_catalog.current_setting('lo_compat_privileges')::boolean
        OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
        OR EXISTS (
          SELECT FROM pg_catalog.aclexplode(
            coalesce(l.lomacl, pg_catalog.acldefault('L', l.lomowner))) a
          WHERE a.privilege_type = 'SELECT'
            AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))))";
  LargeObjects found;
  for (const auto& row : connection.query(
           format("SELECT l.oid, pg_catalog.count(*) OVER () FROM "
                  "pg_catalog.pg_largeobject_metadata l WHERE NOT {} ORDER BY l.oid LIMIT 100",
                  may_read))) {
    found.first.push_back(row[0].value_or(""));
    found.count = std::stoull(row[1].value_or("0"));
  }
  return found;
}

std::string current_role(Connection& connection) {
  return connection.query_column("SELECT pg_catalog.quote_ident(current_user)").at(0);
}

std::uint64_t tables_to_lock(Connection& connection) {
  return number(connection, select_dumped("count(*)", "c.relkind IN ('r', 'p')"));
}

std::uint64_t known_table_bytes(Connection& connection) {
  return number(
      connection,
      select_dumped("coalesce(sum(c.relpages + coalesce((SELECT t.relpages FROM "
                    "pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid), 0)::bigint), 0) * "
                    "pg_catalog.current_setting('block_size')::bigint",
                    "c.relkind = 'r'"));
}

}  // namespace pgseal::postgres
