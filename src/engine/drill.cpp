#include "engine/drill.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "engine/archive_restore.h"
#include "engine/comparison.h"
#include "engine/drill_errors.h"
#include "engine/drill_server.h"
#include "engine/phase_times.h"

namespace pgseal::engine {

using backupset::DrillReport;

namespace {

TimePoint now(const Clock& clock) { return std::chrono::floor<std::chrono::seconds>(clock.now()); }

/// One drill while it runs.
class Drill final {
 public:
  Drill(const DrillOptions& options, backupset::ArchiveReader& reader, ArchiveProgress& progress,
        const Clock& clock, std::stop_token stop)
      : options_(options),
        reader_(reader),
        progress_(progress),
        clock_(clock),
        stop_(std::move(stop)),
        times_(clock) {}

  DrillReport run(const std::function<void()>& open) {
    begin_report();
    try {
      times_.begin("start");
      open();
      expected_ = read_content(reader_, stop_);
      start();
      const Database restored = restore();
      compare_with(restored);
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      if (error.code() != Exit::verification) throw with_last_words(error);
      log::error("{}", error.message());
      report_.failure = error.message();
    }
    stop_server();
    times_.end();
    report_.phases = times_.phases();
    report_.finished = now(clock_);
    return std::move(report_);
  }

 private:
  void begin_report() {
    const backupset::ArchiveManifest& m = reader_.manifest();
    report_.backup = reader_.place().name();
    report_.database = m.database;
    report_.taken = m.started;
    report_.stored_size = m.stored_size();
    report_.server_version = m.server_version;
    report_.pg_dump_version = m.pg_dump_version;
    report_.recipients = m.recipients;
    report_.authenticity = reader_.authenticity();
    if (reader_.authenticity() == backupset::Authenticity::verified) {
      report_.signer = m.signer.value_or("");
    }
    report_.begun = now(clock_);
    report_.pgseal_version = options_.pgseal_version;
    report_.strict = options_.strict;
    if (options_.target) report_.target = options_.target->describe();
  }

  void start() {
    if (options_.target) return;
    server_ = std::make_unique<DrillServer>(
        DrillServerOptions{.directory = options_.directory, .program_path = options_.program_path},
        reader_, expected_.toc, times_, stop_);
    append(report_.left_out, server_->left_out());
    append(report_.restore_errors, server_->errors());
  }

  /// Returns the database that is there now.
  Database restore() {
    ArchiveRestoreOptions options{
        .target = options_.target ? *options_.target : server_->database(),
        .jobs = options_.jobs,
        .despite_missing = true,
        .program_path = options_.program_path};
    options.pg_restore.create = makes_database();
    report_.target_version = options.target.connect(stop_).server_version_text();
    times_.end();
    Problems problems(format("cannot restore \"{}\"", report_.backup));
    const auto restored = restore_archive(options, &reader_, problems, progress_, clock_, stop_);
    times_.add(restored.phases);
    JudgedErrors judged = judge_errors(expected_.toc, restored);
    append(report_.restore_errors, judged.errors);
    excuses_ = std::move(judged.excuses);
    return options.target.named(restored.database);
  }

  void compare_with(const Database& restored) {
    times_.begin("read back");
    const DatabaseContent found = read_content(
        {.database = restored, .jobs = options_.jobs, .program_path = options_.program_path},
        expected_, progress_, clock_, stop_);
    times_.begin("compare");
    backupset::Comparison comparison = compare(
        expected_, found, {.excuses = std::move(excuses_), .database_itself = makes_database()});
    report_.tables = std::move(comparison.tables);
    report_.sequences = std::move(comparison.sequences);
    report_.large_objects = std::move(comparison.large_objects);
    report_.schema = std::move(comparison.schema);
    append(report_.left_out, comparison.left_out);
  }

  void stop_server() {
    if (!server_) return;
    times_.begin("clean up");
    server_.reset();
  }

  [[nodiscard]] bool makes_database() const { return server_ && server_->creates_database(); }

  /// Why a server of our own is gone, its clients do not know.
  [[nodiscard]] Error with_last_words(Error error) const {
    const std::string words = server_ ? server_->last_words() : "";
    if (!words.empty()) error.add_context(format("the throw-away server ended with {}", words));
    return error;
  }

  const DrillOptions& options_;
  backupset::ArchiveReader& reader_;
  ArchiveProgress& progress_;
  const Clock& clock_;
  std::stop_token stop_;
  PhaseTimes times_;
  DatabaseContent expected_;
  std::unique_ptr<DrillServer> server_;  // nothing with a target of the caller's
  std::map<int, std::string> excuses_;
  DrillReport report_;
};

}  // namespace

DrillReport drill(const DrillOptions& options, backupset::ArchiveReader& reader,
                  const std::function<void()>& open, ArchiveProgress& progress, const Clock& clock,
                  const std::stop_token& stop) {
  return Drill(options, reader, progress, clock, stop).run(open);
}

}  // namespace pgseal::engine
