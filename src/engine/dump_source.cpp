#include "engine/dump_source.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "postgres/pg_dump_toc.h"
#include "postgres/server_state.h"

namespace pgseal::engine {

namespace {

constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kFirstPause{200};

/// What pg_dump says where DDL came in between its reading of the catalogs and its locks.
bool is_about_ddl(const std::string& message) {
  static constexpr std::array kTexts{"could not obtain lock",    "due to lock timeout",
                                     "due to statement timeout",  // how pg_dump waits for locks
                                     "does not exist",           "cache lookup failed",
                                     "could not open relation",  "was concurrently"};
  return std::any_of(kTexts.begin(), kTexts.end(),
                     [&](const char* text) { return message.find(text) != std::string::npos; });
}

/// What pg_dump says where its connection reached a server without our snapshot, until release 16
/// and since.
bool is_about_snapshot(const std::string& message) {
  return message.find("invalid snapshot identifier") != std::string::npos ||
         message.find("ERROR:  snapshot \"") != std::string::npos;
}

std::unique_ptr<postgres::Connection> open(const Database& database, const std::stop_token& stop) {
  // A connection cannot be moved, but made in its place.
  return std::unique_ptr<postgres::Connection>(new postgres::Connection(database.connect(stop)));
}

/// " (who, and what)" of whoever holds locks, "" for nobody.
std::string in_brackets(const std::vector<postgres::Activity>& holders) {
  std::vector<std::string> lines;
  for (const auto& holder : holders) lines.push_back(holder.description);
  return lines.empty() ? "" : " (" + joined(lines, "; ") + ")";
}

}  // namespace

DumpSource::DumpSource(const DumpSourceOptions& options, const Clock& clock,
                       const std::stop_token& stop)
    : options_(options), clock_(clock) {
  session_ = {.encoding = {},
              .role = options.pg_dump.role,
              .row_security = options.pg_dump.enable_row_security,
              .extra_float_digits = options.pg_dump.extra_float_digits.value_or(3)};
  auto pause = kFirstPause;
  for (int number = 1; !attempt(stop); ++number) {
    if (number == kAttempts) {
      throw Error(Exit::database,
                  format("cannot lock the tables in {} attempts: {}", kAttempts, obstacle_))
          .with_hint(
              "backups and DDL exclude each other: let the DDL end, or dump at another time");
    }
    log::warning("beginning again with a new snapshot: {}", obstacle_);
    clock_.sleep(pause, stop);
    pause *= 2;
  }
}

void DumpSource::prepare(postgres::Connection& connection) const {
  postgres::prepare_dump_session(connection, session_);
}

bool DumpSource::attempt(const std::stop_token& stop) {
  session_.encoding.clear();
  coordinator_ = open(options_.database, stop);
  identity_ = postgres::identify_server(*coordinator_);
  prepare(*coordinator_);
  database_ = coordinator_->database();
  server_version_ = coordinator_->server_version_text();
  program_ = postgres::choose_pg_dump(
      postgres::find_programs("pg_dump", options_.program_path, stop),
      coordinator_->server_version(), server_version_, options_.like_pg_dump);
  snapshot_ = postgres::export_snapshot(*coordinator_);
  started_ = clock_.now();
  try {
    postgres::PgDumpToc dump(program_, options_.database.fresh_params(stop),
                             {.snapshot = snapshot_, .pass_through = options_.pg_dump}, stop);
    toc_ = dump.read();
    session_.encoding = toc_.encoding();
    prepare(*coordinator_);
    lock();
    warnings_ = dump.close();
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    const bool elsewhere = is_about_snapshot(error.message());
    if (!elsewhere && error.sqlstate() != "55P03" && !is_about_ddl(error.message())) throw;
    coordinator_->execute("ROLLBACK");  // fails where the snapshot ended with the connection
    if (elsewhere) throw postgres::several_servers("dump from");
    obstacle_ = error.message() + in_brackets(postgres::lock_holders(*coordinator_));
    return false;
  }
  return obstacle_.empty();
}

/// pg_dump has the tables locked and waits for us; somebody may wait for it. So we must wait for
/// nobody, and read no size before the lock is ours.
void DumpSource::lock() {
  std::vector<std::uint32_t> oids;
  for (const auto& entry : toc_.entries) {
    if (is_table_data(entry)) oids.push_back(table_oid(entry));
  }
  coordinator_->execute("SET LOCAL lock_timeout = '5s'");  // for what a lock does not cover
  postgres::lock_tables(*coordinator_, postgres::lockable_tables(*coordinator_, oids));
  read_facts(oids);
  coordinator_->execute("SET LOCAL lock_timeout = 0");
  // Truncating, rewriting or replacing a table between the snapshot and its lock shows it empty to
  // the snapshot (PostgreSQL, "Caveats" of concurrency control); its file node and its oid tell.
  obstacle_.clear();
  for (const auto& [oid, relation] : facts_.relations) {
    if (!relation.changed) continue;
    obstacle_ =
        format("table {} was dropped, truncated or rewritten since the snapshot", relation.name);
  }
}

void DumpSource::read_facts(const std::vector<std::uint32_t>& tables) {
  facts_.block_size = postgres::block_size(*coordinator_);
  facts_.relations = postgres::read_relations(*coordinator_, tables, facts_.block_size);
  facts_.server_version = coordinator_->server_version();
  facts_.large_objects_size = 0;
  if (std::any_of(toc_.entries.begin(), toc_.entries.end(), is_large_object_data)) {
    const auto rows =
        coordinator_->query("SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')");
    facts_.large_objects_size = std::stoull(rows.at(0).at(0).value());
  }
}

std::unique_ptr<postgres::Connection> DumpSource::join(const std::stop_token& stop) const {
  auto connection = open(options_.database, stop);
  const postgres::ServerIdentity reached = postgres::identify_server(*connection);
  if (!reached.is_same_run(identity_)) {
    if (!reached.is_successor_of(identity_)) throw postgres::several_servers("dump from");
    throw Error(Exit::database,
                "the server was started again during the dump, and our snapshot is gone with that")
        .with_hint("make the backup again");
  }
  prepare(*connection);
  postgres::import_snapshot(*connection, snapshot_);
  return connection;
}

void DumpSource::join_again(postgres::Connection& connection) const {
  connection.execute("ROLLBACK");
  postgres::import_snapshot(connection, snapshot_);
}

void DumpSource::finish() {
  try {
    coordinator_->execute("COMMIT");
  } catch (Error& error) {
    error.add_context("the connection that held snapshot and locks was lost");
    throw;
  }
}

}  // namespace pgseal::engine
