#include "support/sample_database.h"

#include <gtest/gtest.h>

#include <sstream>

#include "support/command.h"

namespace pgseal::test {
namespace {

// psql runs what this selects: a query a table, each of which prints one line.
constexpr const char* kFingerprint = R"sql(
SET DateStyle = ISO; SET IntervalStyle = postgres; SET TimeZone = 'UTC';
SET extra_float_digits = 3; SET bytea_output = hex; SET xmlbinary = base64;
SELECT format($q$SELECT %2$L, count(*), md5(coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), ''))
                 FROM (SELECT t::text AS line FROM ONLY %1$s t) lines$q$,
              c.oid::regclass, 'table ' || c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" \gexec
SELECT format($q$SELECT %2$L, last_value, is_called FROM %1$s$q$,
              c.oid::regclass, 'sequence ' || c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" \gexec
SELECT 'large object ' || oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;
)sql";

}  // namespace

void load_sample(const PostgresServer& server, const std::string& database) {
  server.create_database(database);
  server.psql_file(database, PGSEAL_TEST_SUPPORT_DIR "/sample.sql");
}

std::string fingerprint(const PostgresServer& server, const std::string& database) {
  return server.psql(database, kFingerprint);
}

std::string schema_of(const PostgresServer& server, const std::string& database) {
  CommandOptions options;
  options.clear_environment = {"PG*"};
  std::istringstream dump(
      run_ok({server.bin_dir() + "/pg_dump", "-s", "-h", server.socket_dir(), "-p",
              std::to_string(server.port()), "-U", "postgres", "-d", database},
             options));
  std::string result;
  for (std::string line; std::getline(dump, line);) {
    if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) result += line + "\n";
  }
  return result;
}

void expect_same_database(const PostgresServer& server_a, const std::string& database_a,
                          const PostgresServer& server_b, const std::string& database_b) {
  EXPECT_EQ(fingerprint(server_a, database_a), fingerprint(server_b, database_b));
  EXPECT_EQ(schema_of(server_a, database_a), schema_of(server_b, database_b));
}

}  // namespace pgseal::test
