#include "engine/archive_restore.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/task_group.h"
#include "engine/archive_plan.h"
#include "engine/archive_toc_file.h"
#include "engine/post_data.h"
#include "engine/restore_check.h"
#include "engine/restore_state.h"
#include "engine/restore_target.h"
#include "engine/table_loader.h"
#include "postgres/programs.h"
#include "postgres/relations.h"

namespace pgseal::engine {

using backupset::ArchiveReader;
using postgres::ArchiveToc;
using postgres::Connection;
using postgres::Section;
using postgres::TocEntry;

namespace {

/// The chosen entries, by when they are restored; ids in the TOC's order.
struct Phases {
  std::vector<int> database;   ///< with --create: the database itself
  std::vector<int> pre_data;   ///< and large objects, empty
  std::set<int> data;          ///< rows and large objects
  std::vector<int> data_rest;  ///< sequences' values
  std::set<int> post_data;
};

/// The object itself, which has to be there before its content; since version 17 in section data.
bool is_large_object(const TocEntry& entry) {
  return entry.description == "BLOB" || entry.description == "BLOB METADATA";
}

Phases phases_of(const ArchiveToc& toc, const std::set<int>& chosen) {
  Phases phases;
  Section section = Section::pre_data;
  for (const TocEntry& entry : toc.entries) {
    // Comments and privileges have no section, and follow their object.
    if (entry.section != Section::none) section = entry.section;
    if (!chosen.contains(entry.dump_id)) continue;
    const std::string description = entry.description.value_or("");
    // Comments on the database are called "DATABASE shop", and privileges too.
    if (description.starts_with("DATABASE") || entry.tag.value_or("").starts_with("DATABASE ")) {
      phases.database.push_back(entry.dump_id);
    } else if (description == "ACL" || description == "DEFAULT ACL") {
      // As pg_restore has it: nobody else gets in before everything is there.
      phases.post_data.insert(entry.dump_id);
    } else if (section == Section::pre_data || is_large_object(entry)) {
      phases.pre_data.push_back(entry.dump_id);
    } else if (section == Section::post_data) {
      phases.post_data.insert(entry.dump_id);
    } else if (entry.has_data) {
      phases.data.insert(entry.dump_id);
    } else {
      phases.data_rest.push_back(entry.dump_id);
    }
  }
  return phases;
}

/// A TOC whose entries make nothing, and can be dropped all the same. pg_restore, which knows how
/// that is said for each kind of object, skips entries without any definition.
ArchiveToc for_dropping(ArchiveToc toc) {
  for (TocEntry& entry : toc.entries) {
    if (!entry.drop_statement.value_or("").empty()) entry.definition = "--\n";
  }
  return toc;
}

/// "already exists" of any kind of object, in the server's words.
bool is_there_already(const postgres::RestoreMessage& message) {
  return message.text.find("already exists") != std::string::npos ||
         message.text.find("multiple primary keys") != std::string::npos;
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
        stop_(std::move(stop)) {}

  ArchiveRestoreReport run() {
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
  void choose(const Connection* connection);
  void restore();
  void make_database();
  void drop_objects();
  void unlink_large_objects();
  void begin();
  void go_on();
  void load_data();
  void restore_rest(const std::vector<int>& ids, bool may_be_there);
  void record_errors();
  void finish_report();
  [[nodiscard]] std::string what_is_left() const;
  [[nodiscard]] Database database() const;
  [[nodiscard]] Connection& coordinator();

  const ArchiveRestoreOptions& options_;
  ArchiveReader* reader_;
  Problems& problems_;
  ArchiveProgress& progress_;
  const Clock& clock_;
  std::stop_token stop_;

  ArchiveToc toc_;
  std::map<int, const TocEntry*> entries_;  // by dump id
  std::optional<postgres::Program> pg_restore_;
  std::optional<postgres::TocArchive> archive_;
  std::set<int> chosen_;
  Phases phases_;
  std::optional<RestoreState::Found> found_;
  std::optional<RestoreTarget> target_;
  std::optional<RestoreErrors> errors_;
  std::unique_ptr<Connection> coordinator_;
  std::size_t recorded_errors_ = 0;
  bool touched_ = false, pre_data_done_ = false;
  ArchiveRestoreReport report_;
};

void ArchiveRestore::check() {
  std::unique_ptr<Connection> connection;
  problems_.collect([&] { connection.reset(new Connection(options_.target.connect(stop_))); });
  if (reader_ != nullptr) {
    problems_.collect([&] { choose(connection.get()); });
  }
  if (options_.pg_restore.create) report_.database = toc_.database.value_or("");
  if (connection && options_.resume && options_.pg_restore.create) {
    problems_.collect([&] { connection.reset(new Connection(database().connect(stop_))); });
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
  phases_ = phases_of(toc_, chosen_);
  errors_.emplace(toc_);
}

Database ArchiveRestore::database() const {
  return options_.pg_restore.create ? options_.target.named(report_.database) : options_.target;
}

/// A connection each time: hours may lie between two uses.
Connection& ArchiveRestore::coordinator() {
  coordinator_ = target_->connect(stop_);
  return *coordinator_;
}

void ArchiveRestore::restore() {
  log::info("restoring \"{}\" into {} with pg_restore {}", reader_->place().name(),
            database().describe(), pg_restore_->version_text);
  target_.emplace(database(), toc_, options_.pg_restore.role, clock_);
  if (found_) {
    go_on();
  } else {
    begin();
  }
  load_data();
  restore_rest(phases_.data_rest, false);
  const PostDataPlan plan = plan_post_data(
      toc_, phases_.post_data, found_ ? found_->built : std::set<int>{}, reader_->catalog());
  build({.target = *target_,
         .errors = *errors_,
         .progress = progress_,
         .exit_on_error = options_.pg_restore.exit_on_error},
        plan.steps, options_.jobs, stop_);
  record_errors();
  restore_rest(plan.rest, found_.has_value());
  if (target_->keeps_state) RestoreState::remove(coordinator());
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
    RestoreState::create(coordinator(), reader_->place().name(), options_text(options_.pg_restore));
    target_->keeps_state = true;
  } catch (const Error& error) {
    if (error.sqlstate() != "42501") throw;  // insufficient privilege
    log::warning("{}; --resume will not be possible", error.message());
  }
  restore_rest(phases_.pre_data, false);
  if (target_->keeps_state) RestoreState::record_pre_data(coordinator());
  pre_data_done_ = true;
}

void ArchiveRestore::make_database() {
  errors_->add(postgres::run_pg_restore(*pg_restore_, *archive_, phases_.database,
                                        options_.pg_restore, options_.target.fresh_params(stop_),
                                        stop_));
}

void ArchiveRestore::drop_objects() {
  RestoreState::remove(coordinator());
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
  for (const auto& group : reader_->catalog().large_objects) {
    std::vector<std::uint32_t> oids;
    for (const auto& object : group.objects) oids.push_back(object.oid);
    coordinator().execute(
        "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = ANY "
        "($1::oid[])",
        {postgres::oid_array(oids)});
  }
}

/// What an interrupted restore has done is not done again. Rows of unlogged tables may be gone,
/// whatever was recorded: a server that crashed empties them.
void ArchiveRestore::go_on() {
  touched_ = pre_data_done_ = true;
  target_->keeps_state = true;
  for (const auto& error : found_->errors) errors_->add(error);
  recorded_errors_ = errors_->errors().size();
  Connection& connection = coordinator();
  for (const int id : phases_.data) {
    const TocEntry& entry = *entries_.at(id);
    const auto any = found_->loaded.lower_bound({id, 0});
    if (!is_table_data(entry) || any == found_->loaded.end() || any->first != id) continue;
    const std::string table =
        postgres::parse_copy_statement(entry.copy_statement.value_or("")).table;
    const auto unlogged = connection.query(
        "SELECT FROM pg_catalog.pg_class WHERE oid = $1::regclass AND relpersistence = 'u'",
        {table});
    if (unlogged.empty()) continue;
    connection.execute("BEGIN");
    connection.execute("TRUNCATE ONLY " + table);
    RestoreState::forget_loaded(connection, id);
    connection.execute("COMMIT");
    std::erase_if(found_->loaded, [&](const PieceId& piece) { return piece.first == id; });
  }
}

void ArchiveRestore::load_data() {
  const std::vector<LoadUnit> units =
      plan_load(reader_->catalog(), phases_.data, found_ ? found_->loaded : std::set<PieceId>{});
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
  report_.rows = job.rows;
  report_.large_objects = job.large_objects;
  record_errors();
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
  }
  errors_->add(messages);
  record_errors();
}

void ArchiveRestore::record_errors() {
  auto errors = errors_->errors();
  if (!target_->keeps_state || errors.size() == recorded_errors_) return;
  const auto first = static_cast<std::ptrdiff_t>(recorded_errors_);
  recorded_errors_ = errors.size();
  errors.erase(errors.begin(), errors.begin() + first);
  RestoreState::record_errors(coordinator(), errors);
}

void ArchiveRestore::finish_report() {
  for (const auto& table : reader_->catalog().tables) {
    report_.tables += phases_.data.contains(table.dump_id) ? 1 : 0;
  }
  report_.content_size = progress_.totals.dumped;
  report_.bytes_read = progress_.totals.transferred;
  report_.errors = errors_->errors();
  report_.left_out = errors_->left_out();
  report_.error_count = errors_->count();
}

std::string ArchiveRestore::what_is_left() const {
  if (!touched_) return "the target was not touched";
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
