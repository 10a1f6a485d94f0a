#include "engine/drill_server.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "engine/archive_toc_file.h"
#include "engine/restore_check.h"
#include "postgres/identifiers.h"

namespace pgseal::engine {

using postgres::ArchiveToc;
using postgres::Connection;
using postgres::TocEntry;

namespace {

constexpr const char* kPlainDatabase = "pgseal_drill";
// Where statements about the whole server run: the only database that no backup is of.
constexpr const char* kEntrance = "template1";

postgres::Program server_program(const DrillServerOptions& options, const ArchiveToc& toc,
                                 const std::stop_token& stop) {
  const std::string version = toc.server_version.value_or("");
  return postgres::choose_server(postgres::find_programs("postgres", options.program_path, stop),
                                 postgres::parse_version(version), version);
}

/// The one that pg_dump names in the statement alone; "" where it names none.
std::string tablespace_of_database(const TocEntry& entry) {
  constexpr std::string_view kBefore = " TABLESPACE = ";
  const std::string definition = entry.definition.value_or("");
  const std::size_t at = definition.rfind(kBefore);
  if (at == std::string::npos) return "";
  const std::string_view rest = std::string_view(definition).substr(at + kBefore.size());
  return postgres::unquoted(rest.substr(0, postgres::identifier_size(rest)));
}

std::string quoted(Connection& connection, const std::string& name) {
  return connection.query("SELECT pg_catalog.quote_ident($1)", {name}).at(0).at(0).value_or("");
}

}  // namespace

DrillServer::DrillServer(const DrillServerOptions& options, const backupset::ArchiveReader& reader,
                         const ArchiveToc& toc, PhaseTimes& times, const std::stop_token& stop)
    : toc_(toc),
      stop_(stop),
      server_({.program = server_program(options, toc, stop),
               .directory = options.directory,
               .tables = reader.catalog().tables.size()},
              stop) {
  times.begin("roles");
  make_roles(reader);
  make_missing_roles();
  make_tablespaces();
  make_database();
}

Connection DrillServer::connect() const { return {server_.params(kEntrance), stop_}; }

Database DrillServer::database() const {
  return {server_.params(creates_database_ ? kEntrance : kPlainDatabase), {}};
}

/// Over a connection of our own: psql would run what the script has behind a backslash.
void DrillServer::make_roles(const backupset::ArchiveReader& reader) {
  const Bytes script = read_globals(reader, stop_);
  try {
    connect().execute_script(std::string(as_text(script)));
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    errors_.push_back({"ROLES", error.message()});
  }
}

/// Of a managed server's own roles, no backup has more than their names.
void DrillServer::make_missing_roles() {
  RestoreChoice choice{.toc = toc_, .backup = ""};
  for (const TocEntry& entry : toc_.entries) choice.entries.push_back(&entry);
  Connection connection = connect();
  std::set<std::string> missing = wanted_roles(choice, {});
  for (const auto& row : connection.query("SELECT rolname FROM pg_catalog.pg_roles")) {
    missing.erase(row.at(0).value_or(""));
  }
  for (const std::string& role : missing) {
    connection.execute(format("CREATE ROLE {}", quoted(connection, role)));
    left_out_.push_back({"ROLE " + role, "is not in the backup, and was made without any rights"});
  }
}

/// Below the server's own directory, whatever they were in the original.
void DrillServer::make_tablespaces() {
  std::set<std::string> names;
  for (const TocEntry& entry : toc_.entries) {
    names.insert(entry.tablespace.value_or(""));
    if (entry.description == "DATABASE") names.insert(tablespace_of_database(entry));
  }
  for (const char* is_there : {"", "pg_default"}) names.erase(is_there);
  if (names.empty()) return;
  Connection connection = connect();
  connection.execute("SET allow_in_place_tablespaces = on");
  for (const std::string& name : names) {
    connection.execute(format("CREATE TABLESPACE {} LOCATION ''", quoted(connection, name)));
  }
}

/// By the backup's own statement, to see whether this machine has its locale: pg_restore goes on
/// without a database where it has not.
void DrillServer::make_database() {
  const auto entry = std::find_if(toc_.entries.begin(), toc_.entries.end(),
                                  [](const TocEntry& e) { return e.description == "DATABASE"; });
  Connection connection = connect();
  connection.execute("DROP DATABASE postgres");  // backups of one of that name are common
  try {
    if (entry == toc_.entries.end()) {
      throw Error(Exit::database, "the backup does not say how it was made");
    }
    connection.execute(entry->definition.value_or(""));
    connection.execute(format("DROP DATABASE {}", quoted(connection, entry->tag.value_or(""))));
    creates_database_ = true;
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    connection.execute(format("CREATE DATABASE {} TEMPLATE template0 ENCODING '{}' LOCALE 'C'",
                              kPlainDatabase, toc_.encoding()));
    left_out_.push_back({"DATABASE " + toc_.database.value_or(""),
                         format("cannot be made here as it was, so one of its encoding was made "
                                "instead, in the locale C and without its settings: {}",
                                error.message())});
  }
}

}  // namespace pgseal::engine
