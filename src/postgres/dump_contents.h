#pragma once
// Objects of a database that a dump leaves out, or that need care when it is restored. A list has
// names, in order, quoted where they have to be. Read from catalogs: nothing is locked.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "postgres/connection.h"

namespace pgseal::postgres {

[[nodiscard]] std::vector<std::string> unlogged_tables(Connection& connection);
[[nodiscard]] std::vector<std::string> foreign_tables(Connection& connection);
/// Materialized views that hold nothing, and so hold nothing after a restore.
[[nodiscard]] std::vector<std::string> unpopulated_views(Connection& connection);
/// Indexes that a failed CREATE or REINDEX CONCURRENTLY left behind.
[[nodiscard]] std::vector<std::string> invalid_indexes(Connection& connection);
[[nodiscard]] std::vector<std::string> event_triggers(Connection& connection);
/// Subscriptions, which a dump has only where the role is superuser: then there are none here.
[[nodiscard]] std::vector<std::string> hidden_subscriptions(Connection& connection);
/// Names and versions of all extensions.
[[nodiscard]] std::map<std::string, std::string> extensions(Connection& connection);
/// Tables of extensions that have rows and are no configuration tables, so that a dump has none.
[[nodiscard]] std::vector<std::string> undumped_extension_tables(Connection& connection);

/// Roles that own an object of the database, or are granted a right on one. Not quoted.
[[nodiscard]] std::set<std::string> roles_of_objects(Connection& connection);
/// Tablespaces of tables and indexes, the database's own not among them. Not quoted.
[[nodiscard]] std::set<std::string> tablespaces_of_objects(Connection& connection);

}  // namespace pgseal::postgres
