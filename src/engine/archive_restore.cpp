#include "engine/archive_restore.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/task_group.h"
#include "engine/archive_plan.h"
#include "engine/archive_toc_file.h"
#include "engine/phase_times.h"
#include "engine/post_data.h"
#include "engine/restore_check.h"
#include "engine/restore_phases.h"
#include "engine/restore_state.h"
#include "engine/restore_target.h"
#include "engine/table_loader.h"
#include "postgres/programs.h"
#include "postgres/relations.h"

namespace pgseal::engine {

using backupset::ArchiveReader;
using postgres::ArchiveToc;
using postgres::Connection;
using postgres::TocEntry;

namespace {

/// That of any kind of object, in the server's words.
bool is_there_already(const postgres::RestoreMessage& message) {
  return message.text.find("already exists") != std::string::npos ||
         message.text.find("is already member of") != std::string::npos;
}

/// One restore while it runs.
class ArchiveRestore final {
 public:
  ArchiveRestore(const ArchiveRestoreOptions& options, ArchiveReader* reader, Problems& problems,
                 ArchiveProgress& progress, const Clock& clock, std::stop_token stop)
      : options_(options),
        reader_(reader),
        problems_(problems),
        progress_(progress),
        clock_(clock),
        stop_(std::move(stop)),
        times_(clock) {}

  ArchiveRestoreReport run() {
    times_.begin("prove");
    check();
    if (options_.dry_run) return report_;
    try {
      restore();
      errors_->log();
    } catch (Error& error) {
      errors_->log();
      const std::string hint = error.hint().empty() ? "" : error.hint() + "; ";
      throw Error(error).with_hint(hint + what_is_left());
    }
    finish_report();
    return report_;
  }

 private:
  void check();
  void check_server(Connection& connection);
  void check_database(std::unique_ptr<Connection>& connection);
  void choose(const Connection* connection);
  void restore();
  void make_database();
  void drop_objects();
  void unlink_large_objects();
  void begin();
  void go_on();
  void load_data(const std::set<int>& ids, const std::set<PieceId>& loaded);
  void find_unlogged();
  [[nodiscard]] std::set<int> forget_emptied();
  void restore_rest(const std::vector<int>& ids, bool may_be_there);
  void finish_report();
  [[nodiscard]] std::string what_is_left() const;
  [[nodiscard]] Database database() const;

  const ArchiveRestoreOptions& options_;
  ArchiveReader* reader_;
  Problems& problems_;
  ArchiveProgress& progress_;
  const Clock& clock_;
  std::stop_token stop_;

  postgres::ServerIdentity server_;
  ArchiveToc toc_;
  std::map<int, const TocEntry*> entries_;  // by dump id
  std::optional<postgres::Program> pg_restore_;
  std::optional<postgres::TocArchive> archive_;
  std::set<int> chosen_;
  Phases phases_;
  std::optional<RestoreState::Found> found_;
  std::optional<RestoreTarget> target_;
  std::optional<RestoreErrors> errors_;
  std::map<int, std::string> unlogged_;  // names in SQL of tables, by their data's dump id
  PhaseTimes times_;
  bool touched_ = false, pre_data_done_ = false, all_but_last_ = false;
  ArchiveRestoreReport report_;
};

void ArchiveRestore::check() {
  std::unique_ptr<Connection> connection;
  problems_.collect([&] { connection.reset(new Connection(options_.target.connect(stop_))); });
  if (connection) problems_.collect([&] { check_server(*connection); });
  if (reader_ != nullptr) {
    problems_.collect([&] { choose(connection.get()); });
  }
  if (options_.pg_restore.create) report_.database = toc_.database.value_or("");
  if (connection && options_.pg_restore.create) {
    problems_.collect([&] { check_database(connection); });
  }
  if (connection) {
    problems_.collect([&] {
      RestoreChoice choice{.toc = toc_, .backup = reader_ ? reader_->place().name() : ""};
      choice.choose(chosen_);
      const bool is_known = reader_ != nullptr && pg_restore_;
      if (is_known) check_choice(choice, options_.pg_restore, problems_);
      found_ = check_target(*connection, is_known ? &choice : nullptr, options_, problems_);
      if (!options_.pg_restore.create) report_.database = connection->database();
    });
  }
  problems_.throw_if_any();
  report_.entries = chosen_.size();
}

/// As many connections as will be open at once have to reach one server.
void ArchiveRestore::check_server(Connection& connection) {
  server_ = identify_target(connection);
  std::vector<std::unique_ptr<Connection>> others;
  while (others.size() < options_.jobs) {
    others.emplace_back(new Connection(options_.target.connect(stop_)));
    require_same_target(*others.back(), server_);
  }
}

/// With --create: the database must not be there, or has to, to go on with.
void ArchiveRestore::check_database(std::unique_ptr<Connection>& connection) {
  if (options_.resume) {
    connection.reset(new Connection(database().connect(stop_)));
    return;
  }
  const bool exists =
      !connection
           ->query("SELECT FROM pg_catalog.pg_database WHERE datname = $1", {report_.database})
           .empty();
  if (exists && !options_.pg_restore.clean) {
    throw Error(Exit::database, format("the database \"{}\" exists already", report_.database))
        .with_hint("--clean drops it first; without --create, --to restores into it");
  }
}

/// Reads the TOC, and lets pg_restore say which of its entries are meant.
void ArchiveRestore::choose(const Connection* connection) {
  toc_ = read_archive_toc(*reader_, stop_);
  for (const TocEntry& entry : toc_.entries) entries_[entry.dump_id] = &entry;
  pg_restore_ = postgres::choose_pg_restore(
      postgres::find_programs("pg_restore", options_.program_path, stop_),
      postgres::parse_version(toc_.pg_dump_version.value_or("")),
      connection == nullptr ? 0 : connection->server_version());
  archive_.emplace(toc_);
  chosen_ = postgres::list_entries(*pg_restore_, *archive_, options_.pg_restore, stop_);
  for (const TocEntry& entry : toc_.entries) {
    if (is_restore_state(entry)) chosen_.erase(entry.dump_id);
  }
  phases_ = phases_of(toc_, chosen_);
  errors_.emplace(toc_);
}

Database ArchiveRestore::database() const {
  return options_.pg_restore.create ? options_.target.named(report_.database) : options_.target;
}

void ArchiveRestore::restore() {
  log::info("restoring \"{}\" into {} with pg_restore {}", reader_->place().name(),
            database().describe(), pg_restore_->version_text);
  target_.emplace(database(), server_, toc_, options_.pg_restore.role, clock_);
  times_.begin("pre-data");
  if (found_) {
    go_on();
  } else {
    begin();
  }
  times_.begin("data");
  find_unlogged();
  if (found_) std::ignore = forget_emptied();
  load_data(phases_.data, found_ ? found_->loaded : std::set<PieceId>{});
  if (const auto emptied = forget_emptied(); !emptied.empty()) {
    log::warning("the server crashed: loading unlogged tables again, which that emptied");
    load_data(emptied, {});
  }
  restore_rest(phases_.data_rest, false);
  times_.begin("post-data");
  const PostDataPlan plan = plan_post_data(
      toc_, phases_.post_data, found_ ? found_->built : std::set<int>{}, reader_->catalog());
  build({.target = *target_,
         .errors = *errors_,
         .progress = progress_,
         .no_tablespaces = options_.pg_restore.no_tablespaces,
         .exit_on_error = options_.pg_restore.exit_on_error},
        plan.steps, options_.jobs, stop_);
  restore_rest(plan.rest, found_.has_value());
  if (!forget_emptied().empty()) {
    throw Error(Exit::database, "the server crashed, which emptied unlogged tables");
  }
  if (target_->keeps_state) RestoreState::remove(*target_->connect(stop_));
  all_but_last_ = true;
  restore_rest(phases_.last, false);
}

/// All that comes before the first row.
void ArchiveRestore::begin() {
  touched_ = true;
  if (options_.pg_restore.create) {
    make_database();
  } else if (options_.pg_restore.clean) {
    drop_objects();
  }
  try {
    RestoreState::create(*target_->connect(stop_), reader_->place().name(),
                         options_text(options_.pg_restore));
    target_->keeps_state = true;
  } catch (const Error& error) {
    if (error.sqlstate() != "42501") throw;  // insufficient privilege
    log::warning("{}; --resume will not be possible", error.message());
  }
  restore_rest(phases_.pre_data, false);
  // Later errors need no record: what was refused is tried again when a restore goes on.
  if (target_->keeps_state)
    RestoreState::record_pre_data(*target_->connect(stop_), errors_->errors());
  pre_data_done_ = true;
}

void ArchiveRestore::make_database() {
  errors_->add(postgres::run_pg_restore(*pg_restore_, *archive_, phases_.database,
                                        options_.pg_restore, options_.target.fresh_params(stop_),
                                        stop_));
  // pg_restore counts it as one more error where the database could not be made, or dropped.
  const auto connection = target_->connect(stop_);
  if (!postgres::user_objects(*connection).empty()) {
    throw Error(Exit::database, format("could not make the database \"{}\" anew: it is not empty",
                                       report_.database));
  }
}

void ArchiveRestore::drop_objects() {
  RestoreState::remove(*target_->connect(stop_));
  std::vector<int> ids;
  bool has_large_objects = false;
  for (const TocEntry& entry : toc_.entries) {
    if (!chosen_.contains(entry.dump_id)) continue;
    if (is_large_object(entry)) {
      has_large_objects = true;  // of which one entry may name many
    } else if (!entry.drop_statement.value_or("").empty()) {
      ids.push_back(entry.dump_id);
    }
  }
  if (has_large_objects) unlink_large_objects();
  postgres::RestoreOptions dropping = options_.pg_restore;
  dropping.no_owner = true;
  errors_->add(postgres::run_pg_restore(*pg_restore_, postgres::TocArchive(for_dropping(toc_)), ids,
                                        dropping, database().fresh_params(stop_), stop_));
}

void ArchiveRestore::unlink_large_objects() {
  constexpr std::size_t kAtOnce = 1000;  // a lock each
  const auto connection = target_->connect(stop_);
  for (const auto& group : reader_->catalog().large_objects) {
    for (std::size_t at = 0; at < group.objects.size(); at += kAtOnce) {
      std::vector<std::uint32_t> oids;
      for (std::size_t i = at; i < std::min(at + kAtOnce, group.objects.size()); ++i) {
        oids.push_back(group.objects[i].oid);
      }
      connection->execute(
          "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = "
          "ANY ($1::oid[])",
          {postgres::number_array(oids)});
    }
  }
}

/// What an interrupted restore has done is not done again.
void ArchiveRestore::go_on() {
  touched_ = pre_data_done_ = true;
  target_->keeps_state = true;
  for (const auto& error : found_->errors) errors_->add(error);
}

void ArchiveRestore::find_unlogged() {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& row : target_->connect(stop_)->query(
           "SELECT nspname, relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON "
           "n.oid = relnamespace WHERE relkind = 'r' AND relpersistence = 'u'")) {
    names.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
  }
  for (const int id : phases_.data) {
    const TocEntry& entry = *entries_.at(id);
    if (!is_table_data(entry) ||
        !names.contains({entry.schema.value_or(""), entry.tag.value_or("")})) {
      continue;
    }
    unlogged_[id] = postgres::parse_copy_statement(entry.copy_statement.value_or("")).table;
  }
}

/// A server that crashes empties unlogged tables, whatever was recorded of them: the record of
/// those that are empty is removed. Each was loaded in one transaction, so it has all its rows or
/// none.
std::set<int> ArchiveRestore::forget_emptied() {
  std::set<int> emptied;
  if (!target_->keeps_state || unlogged_.empty()) return emptied;
  const auto connection = target_->connect(stop_);
  for (const int id : RestoreState::loaded_entries(*connection)) {
    const auto table = unlogged_.find(id);
    if (table == unlogged_.end() ||
        !connection->query(format("SELECT FROM ONLY {} LIMIT 1", table->second)).empty()) {
      continue;
    }
    RestoreState::forget_loaded(*connection, id);
    if (found_) std::erase_if(found_->loaded, [&](const PieceId& p) { return p.first == id; });
    emptied.insert(id);
  }
  return emptied;
}

void ArchiveRestore::load_data(const std::set<int>& ids, const std::set<PieceId>& loaded) {
  std::set<int> undivided;
  for (const auto& [id, table] : unlogged_) undivided.insert(id);
  const std::vector<LoadUnit> units = plan_load(reader_->catalog(), ids, undivided, loaded);
  for (const LoadUnit& unit : units) progress_.planned += unit.size;
  LoadJob job{.target = *target_,
              .reader = *reader_,
              .entries = entries_,
              .errors = *errors_,
              .progress = progress_,
              .exit_on_error = options_.pg_restore.exit_on_error};
  TaskGroup group(stop_);
  std::atomic<std::size_t> next{0};
  for (std::size_t worker = 0; worker < std::min<std::size_t>(options_.jobs, units.size());
       ++worker) {
    group.run([&, worker](const std::stop_token& token) {
      TableLoader loader(job, worker, token);
      for (std::size_t i = 0; (i = next++) < units.size();) {
        loader.load(units[i]);
        progress_.done += units[i].size;
      }
      progress_.begin(worker, "");
    });
  }
  group.wait();
  report_.rows += job.rows;
  report_.large_objects += job.large_objects;
}

/// Entries without data, in one go by pg_restore. `may_be_there`: an interrupted restore may have
/// made some of them.
void ArchiveRestore::restore_rest(const std::vector<int>& ids, bool may_be_there) {
  if (ids.empty()) return;
  progress_.begin(0, "pg_restore");
  postgres::RestoreOptions options = options_.pg_restore;
  options.create = options.clean = options.if_exists = false;
  if (may_be_there) options.exit_on_error = false;
  postgres::RestoreMessages messages = postgres::run_pg_restore(
      *pg_restore_, *archive_, ids, options, database().fresh_params(stop_), stop_);
  progress_.begin(0, "");
  if (may_be_there) {
    messages.ignored -=
        std::min<std::uint64_t>(messages.ignored, std::erase_if(messages.errors, is_there_already));
    if (options_.pg_restore.exit_on_error && !messages.errors.empty()) {
      const auto& first = messages.errors.front();
      throw Error(Exit::database, format("{}: {}", first.entry, first.text));
    }
  }
  errors_->add(messages);
}

void ArchiveRestore::finish_report() {
  for (const auto& table : reader_->catalog().tables) {
    report_.tables += phases_.data.contains(table.dump_id) ? 1 : 0;
  }
  report_.content_size = progress_.totals.dumped;
  report_.bytes_read = progress_.totals.transferred;
  times_.end();
  report_.phases = times_.phases();
  report_.errors = errors_->errors();
  report_.left_out = errors_->left_out();
  report_.error_count = errors_->count();
}

std::string ArchiveRestore::what_is_left() const {
  if (!touched_) return "the target was not touched";
  if (all_but_last_) return "all is restored but event triggers";
  if (pre_data_done_ && target_ && target_->keeps_state) {
    return "the same command with --resume goes on where it ended; to clean up instead, drop the "
           "database, or what was restored and the schema pgseal_restore";
  }
  return "the target was left partly restored: drop what was made there before the next try";
}

}  // namespace

ArchiveRestoreReport restore_archive(const ArchiveRestoreOptions& options, ArchiveReader* reader,
                                     Problems& problems, ArchiveProgress& progress,
                                     const Clock& clock, const std::stop_token& stop) {
  return ArchiveRestore(options, reader, problems, progress, clock, stop).run();
}

}  // namespace pgseal::engine
