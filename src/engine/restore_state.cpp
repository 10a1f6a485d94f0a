#include "engine/restore_state.h"

#include "postgres/relations.h"

namespace pgseal::engine {

using postgres::Connection;

namespace {

int number(const std::optional<std::string>& text) { return std::stoi(text.value_or("0")); }

}  // namespace

std::optional<RestoreState::Found> RestoreState::find(Connection& connection) {
  const auto exists = connection.query("SELECT pg_catalog.to_regclass('pgseal_restore.restore')");
  if (!exists.at(0).at(0)) return std::nullopt;
  Found found;
  for (const auto& row :
       connection.query("SELECT backup, options, pre_data_done FROM pgseal_restore.restore")) {
    found.backup = row.at(0).value_or("");
    found.options = row.at(1).value_or("");
    found.pre_data_done = row.at(2) == "t";
  }
  for (const auto& row : connection.query("SELECT dump_id, number FROM pgseal_restore.loaded")) {
    found.loaded.emplace(number(row.at(0)),
                         static_cast<std::uint32_t>(std::stoul(row.at(1).value_or("0"))));
  }
  for (const auto& row : connection.query("SELECT dump_id FROM pgseal_restore.built")) {
    found.built.insert(number(row.at(0)));
  }
  for (const auto& row :
       connection.query("SELECT dump_id, entry, text FROM pgseal_restore.error")) {
    found.errors.push_back({number(row.at(0)), row.at(1).value_or(""), row.at(2).value_or("")});
  }
  return found;
}

void RestoreState::create(Connection& connection, const std::string& backup,
                          const std::string& options) {
  connection.execute("BEGIN");
  connection.execute("CREATE SCHEMA pgseal_restore");
  connection.execute(
      "CREATE TABLE pgseal_restore.restore (backup text, options text, pre_data_done boolean)");
  connection.execute(
      "CREATE TABLE pgseal_restore.loaded (dump_id integer, number bigint, PRIMARY KEY (dump_id, "
      "number))");
  connection.execute("CREATE TABLE pgseal_restore.built (dump_id integer PRIMARY KEY)");
  connection.execute("CREATE TABLE pgseal_restore.error (dump_id integer, entry text, text text)");
  connection.execute("INSERT INTO pgseal_restore.restore VALUES ($1, $2, false)",
                     {backup, options});
  connection.execute("COMMIT");
}

void RestoreState::remove(Connection& connection) {
  connection.execute("DROP SCHEMA IF EXISTS pgseal_restore CASCADE");
}

void RestoreState::record_pre_data(Connection& connection,
                                   const std::vector<postgres::RestoreMessage>& errors) {
  connection.execute("BEGIN");
  for (const auto& error : errors) {
    connection.execute("INSERT INTO pgseal_restore.error VALUES ($1::integer, $2, $3)",
                       {std::to_string(error.dump_id), error.entry, error.text});
  }
  connection.execute("UPDATE pgseal_restore.restore SET pre_data_done = true");
  connection.execute("COMMIT");
}

void RestoreState::record_loaded(Connection& connection, const std::vector<LoadPiece>& pieces) {
  std::vector<std::uint32_t> ids, numbers;
  for (const LoadPiece& piece : pieces) {
    ids.push_back(static_cast<std::uint32_t>(piece.id.first));
    numbers.push_back(piece.id.second);
  }
  connection.execute(
      "INSERT INTO pgseal_restore.loaded SELECT * FROM ROWS FROM "
      "(pg_catalog.unnest($1::integer[]), "
      "pg_catalog.unnest($2::bigint[]))",
      {postgres::number_array(ids), postgres::number_array(numbers)});
}

void RestoreState::forget_loaded(Connection& connection, int dump_id) {
  connection.execute("DELETE FROM pgseal_restore.loaded WHERE dump_id = $1::integer",
                     {std::to_string(dump_id)});
}

void RestoreState::record_built(Connection& connection, int dump_id) {
  connection.execute("INSERT INTO pgseal_restore.built VALUES ($1::integer)",
                     {std::to_string(dump_id)});
}

std::set<int> RestoreState::loaded_entries(Connection& connection) {
  std::set<int> ids;
  for (const auto& row : connection.query("SELECT DISTINCT dump_id FROM pgseal_restore.loaded")) {
    ids.insert(number(row.at(0)));
  }
  return ids;
}

bool RestoreState::is_loaded(Connection& connection, const PieceId& piece) {
  return !connection
              .query(
                  "SELECT FROM pgseal_restore.loaded WHERE dump_id = $1::integer AND number = "
                  "$2::bigint",
                  {std::to_string(piece.first), std::to_string(piece.second)})
              .empty();
}

bool RestoreState::is_built(Connection& connection, int dump_id) {
  return !connection
              .query("SELECT FROM pgseal_restore.built WHERE dump_id = $1::integer",
                     {std::to_string(dump_id)})
              .empty();
}

}  // namespace pgseal::engine
