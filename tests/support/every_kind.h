#pragma once
// A database with an object of every kind that pg_dump knows, and the strictest comparison with its
// copy. For the common case sample_database.h is quicker.

#include <string>

#include "support/postgres_server.h"

namespace pgseal::test {

/// A server that can hold the database, or a copy of it.
[[nodiscard]] PostgresServer::Options every_kind_options(int version);

/// Creates the roles and the tablespace that the database refers to, and that no dump of it has.
/// For the server of a copy; may be called again.
void create_every_kind_roles(const PostgresServer& server);

/// Creates `database` and fills it from every_kind/: some 200 tables, 20,000 rows, 170 large
/// objects, 6 MB of plain dump. What newer versions only have is in it where `server` has it.
void load_every_kind(const PostgresServer& server, const std::string& database);

/// Whether the rows of a table have to come in the same order.
enum class RowOrder { same, any };

/// Fails the test, once, where the plain dumps of the two differ in a byte, or else where
/// fingerprint() does, which has the materialized views' rows too. The servers are of one major
/// version, since they word definitions themselves. Properties of the database are compared where
/// both have the same name.
void expect_equal_dumps(const PostgresServer& server_a, const std::string& database_a,
                        const PostgresServer& server_b, const std::string& database_b,
                        RowOrder order = RowOrder::same);

}  // namespace pgseal::test
