#pragma once
// A database with every common type and kind of object, and the means to compare it with its copy.

#include <string>

#include "support/postgres_server.h"

namespace pgseal::test {

/// Creates `database` and fills it from sample.sql, some 2,000 rows.
void load_sample(const PostgresServer& server, const std::string& database);

/// What a database holds, as text that is equal for equal contents: a line for each table (rows,
/// md5 of the sorted rows), sequence (its value) and large object (md5).
[[nodiscard]] std::string fingerprint(const PostgresServer& server, const std::string& database);

/// The schema as `pg_dump -s` prints it, without its \restrict lines.
[[nodiscard]] std::string schema_of(const PostgresServer& server, const std::string& database);

/// Fails the test where fingerprints or schemas differ.
void expect_same_database(const PostgresServer& server_a, const std::string& database_a,
                          const PostgresServer& server_b, const std::string& database_b);

}  // namespace pgseal::test
