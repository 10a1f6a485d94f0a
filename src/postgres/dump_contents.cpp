#include "postgres/dump_contents.h"

#include "base/format.h"
#include "postgres/dumped_relations.h"

namespace pgseal::postgres {

namespace {

/// Names of the relations that are dumped and for which `condition` holds.
std::vector<std::string> dumped(Connection& connection, const std::string& condition) {
  return connection.query_column(select_dumped(kRelationName, condition) + " ORDER BY 1");
}

}  // namespace

std::vector<std::string> unlogged_tables(Connection& connection) {
  return dumped(connection, "c.relkind = 'r' AND c.relpersistence = 'u'");
}

std::vector<std::string> foreign_tables(Connection& connection) {
  return dumped(connection, "c.relkind = 'f'");
}

std::vector<std::string> unpopulated_views(Connection& connection) {
  return dumped(connection, "c.relkind = 'm' AND NOT c.relispopulated");
}

std::vector<std::string> invalid_indexes(Connection& connection) {
  return dumped(connection,
                "EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid AND NOT "
                "i.indisvalid AND c.relkind = 'i')");
}

std::vector<std::string> event_triggers(Connection& connection) {
  return connection.query_column(
      "SELECT pg_catalog.quote_ident(evtname) FROM pg_catalog.pg_event_trigger e WHERE NOT EXISTS "
      "(SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "
      "'pg_catalog.pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e') "
      "ORDER BY 1");
}

std::vector<std::string> hidden_subscriptions(Connection& connection) {
  // Some columns of it are for superusers, these for everybody.
  return connection.query_column(
      "SELECT pg_catalog.quote_ident(subname) FROM pg_catalog.pg_subscription s "
      "WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database "
      "WHERE datname = pg_catalog.current_database()) AND NOT (SELECT rolsuper FROM "
      "pg_catalog.pg_roles WHERE rolname = current_user) ORDER BY 1");
}

std::map<std::string, std::string> extensions(Connection& connection) {
  std::map<std::string, std::string> versions;
  for (const auto& row :
       connection.query("SELECT extname, extversion FROM pg_catalog.pg_extension")) {
    versions.emplace(row[0].value_or(""), row[1].value_or(""));
  }
  return versions;
}

std::vector<std::string> undumped_extension_tables(Connection& connection) {
  // Only ANALYZE and the statistics tell without reading it whether there are rows.
  return connection.query_column(format(
      "SELECT {} FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_depend d ON d.refclassid = "
      "'pg_catalog.pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e' AND "
      "d.classid "
      "= 'pg_catalog.pg_class'::regclass JOIN pg_catalog.pg_class c ON c.oid = d.objid JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND NOT c.oid = "
      "ANY (coalesce(x.extconfig, '{{}}')) AND (c.reltuples > 0 OR "
      "pg_catalog.pg_stat_get_live_tuples(c.oid) > 0) ORDER BY 1",
      kRelationName));
}

std::set<std::string> roles_of_objects(Connection& connection) {
  // The server's first role is in no pg_shdepend.
  const auto names = connection.query_column(format(
      "SELECT rolname FROM pg_catalog.pg_roles WHERE oid IN (SELECT refobjid FROM "
      "pg_catalog.pg_shdepend WHERE refclassid = 'pg_catalog.pg_authid'::regclass AND dbid = "
      "(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) "
      "UNION {})",
      select_dumped("c.relowner")));
  return {names.begin(), names.end()};
}

std::set<std::string> tablespaces_of_objects(Connection& connection) {
  const auto names = connection.query_column(
      format("SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid IN ({})",
             select_dumped("c.reltablespace")));
  return {names.begin(), names.end()};
}

}  // namespace pgseal::postgres
