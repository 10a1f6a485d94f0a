#include "support/every_kind.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "support/command.h"
#include "support/sample_database.h"

namespace pgseal::test {
namespace {

constexpr const char* kScripts = PGSEAL_TEST_SUPPORT_DIR "/every_kind";
constexpr std::size_t kShownOfDifference = 5000;

void write_dump(const std::string& program, const PostgresServer& server,
                const std::string& database, bool with_properties, const std::string& path) {
  std::vector<std::string> argv = {program,
                                   "--restrict-key=same",
                                   "--host=" + server.socket_dir(),
                                   "--port=" + std::to_string(server.port()),
                                   "--username=postgres",
                                   "--dbname=" + database,
                                   "--file=" + path};
  if (with_properties) argv.emplace_back("--create");
  CommandOptions options;
  options.clear_environment = {"PG*"};
  // pg_dump leaves these as it finds them, and the database has settings of its own.
  options.environment = {{"PGOPTIONS", "-c bytea_output=hex -c xmlbinary=base64"}};
  run_ok(argv, options);
}

/// Sorts the rows of each COPY block.
void sort_rows(const std::string& path) {
  std::istringstream lines(read_text(path));
  std::string text;
  std::vector<std::string> rows;
  bool in_rows = false;
  for (std::string line; std::getline(lines, line);) {
    line += '\n';
    if (in_rows && line == "\\.\n") {
      std::sort(rows.begin(), rows.end());
      for (const std::string& row : rows) text += row;
      rows.clear();
      in_rows = false;
    }
    if (in_rows) {
      rows.push_back(std::move(line));
      continue;
    }
    in_rows = line.starts_with("COPY ") && line.ends_with("FROM stdin;\n");
    text += line;
  }
  write_text(path, text);
}

}  // namespace

PostgresServer::Options every_kind_options(int version) {
  PostgresServer::Options options;
  options.version = version;
  options.extensions = std::string(kScripts) + "/extension";
  return options;
}

void create_every_kind_roles(const PostgresServer& server) {
  server.psql_file("postgres", std::string(kScripts) + "/cluster.sql");
}

void load_every_kind(const PostgresServer& server, const std::string& database) {
  create_every_kind_roles(server);
  server.create_database(database);
  server.psql_file(database, std::string(kScripts) + "/load.sql");
}

void expect_equal_dumps(const PostgresServer& server_a, const std::string& database_a,
                        const PostgresServer& server_b, const std::string& database_b,
                        RowOrder order) {
  const std::string program = server_a.bin_dir() + "/pg_dump";
  const bool same_name = database_a == database_b;
  const TempDir directory;
  write_dump(program, server_a, database_a, same_name, directory / "a.sql");
  write_dump(program, server_b, database_b, same_name, directory / "b.sql");
  if (order == RowOrder::any) {
    for (const char* file : {"a.sql", "b.sql"}) sort_rows(directory / file);
  }
  const CommandResult difference =
      run({"diff", "--text", "--unified=1", directory / "a.sql", directory / "b.sql"});
  if (difference.ok()) {
    EXPECT_EQ(fingerprint(server_a, database_a), fingerprint(server_b, database_b));
  } else {
    ADD_FAILURE() << "the dumps differ\n" << difference.out.substr(0, kShownOfDifference);
  }
}

}  // namespace pgseal::test
