#include "engine/post_data.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/task_group.h"
#include "engine/restore_state.h"

namespace pgseal::engine {

using postgres::Connection;
using postgres::TocEntry;

namespace {

constexpr std::array<std::string_view, 5> kSteps = {"INDEX", "INDEX ATTACH", "CONSTRAINT",
                                                    "CHECK CONSTRAINT", "FK CONSTRAINT"};

/// The bytes of each table's rows, by the table's name.
using Sizes = std::map<std::pair<std::string, std::string>, std::uint64_t>;

Sizes sizes_of(const backupset::Catalog& catalog) {
  Sizes sizes;
  for (const backupset::Table& table : catalog.tables) {
    sizes[{table.schema, table.name}] = table.content_size();
  }
  return sizes;
}

}  // namespace

PostDataPlan plan_post_data(const postgres::ArchiveToc& toc, const std::set<int>& ids,
                            const std::set<int>& built, const backupset::Catalog& catalog) {
  const Sizes sizes = sizes_of(catalog);
  PostDataPlan plan;
  std::map<int, std::size_t> step_of;
  std::map<int, std::uint64_t> tables;  // dump ids of tables, and bytes of their rows
  std::set<int> rest;
  for (const TocEntry& entry : toc.entries) {
    if (entry.description == "TABLE" || entry.description == "MATERIALIZED VIEW") {
      const auto size = sizes.find({entry.schema.value_or(""), entry.tag.value_or("")});
      tables[entry.dump_id] = size == sizes.end() ? 0 : size->second;
    }
    if (!ids.contains(entry.dump_id) || built.contains(entry.dump_id)) continue;
    bool is_step =
        std::find(kSteps.begin(), kSteps.end(), entry.description.value_or("")) != kSteps.end();
    // An index can be built beside others of its table.
    BuildStep step{.entry = &entry, .exclusive = entry.description != "INDEX"};
    for (const std::string& text : entry.dependencies) {
      const int id = std::stoi(text);
      if (rest.contains(id)) is_step = false;
      if (tables.contains(id)) step.tables.insert(id);
      if (const auto before = step_of.find(id); before != step_of.end()) {
        step.after.push_back(before->second);
        const std::set<int>& its_tables = plan.steps[before->second].tables;
        step.tables.insert(its_tables.begin(), its_tables.end());
      }
    }
    if (!is_step) {
      rest.insert(entry.dump_id);
      plan.rest.push_back(entry.dump_id);
      continue;
    }
    for (const int table : step.tables) step.size += tables.at(table);
    step_of[entry.dump_id] = plan.steps.size();
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

BuildSchedule::BuildSchedule(const std::vector<BuildStep>& steps)
    : steps_(steps), states_(steps.size(), State::waiting), by_size_(steps.size()) {
  std::iota(by_size_.begin(), by_size_.end(), 0);
  std::stable_sort(by_size_.begin(), by_size_.end(),
                   [&](std::size_t a, std::size_t b) { return steps[a].size > steps[b].size; });
}

bool BuildSchedule::may_run(std::size_t index) const {
  const BuildStep& step = steps_[index];
  return states_[index] == State::waiting &&
         std::all_of(step.after.begin(), step.after.end(),
                     [&](std::size_t before) { return states_[before] == State::done; }) &&
         std::none_of(step.tables.begin(), step.tables.end(), [&](int table) {
           return exclusive_.contains(table) || (step.exclusive && shared_.contains(table));
         });
}

const BuildStep* BuildSchedule::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const BuildStep* found = nullptr;
  const auto look = [&] {
    bool any_waits = false;
    for (const std::size_t index : by_size_) {
      any_waits = any_waits || states_[index] == State::waiting;
      if (!may_run(index)) continue;
      states_[index] = State::running;
      found = &steps_[index];
      return true;
    }
    return !any_waits;
  };
  if (!changed_.wait(lock, stop, look)) throw Cancelled();
  if (found == nullptr) return nullptr;
  if (found->exclusive) {
    exclusive_.insert(found->tables.begin(), found->tables.end());
  } else {
    shared_.insert(found->tables.begin(), found->tables.end());
  }
  return found;
}

void BuildSchedule::finished(const BuildStep& step) {
  const std::lock_guard lock(mutex_);
  states_[static_cast<std::size_t>(&step - steps_.data())] = State::done;
  for (const int table : step.tables) {
    if (step.exclusive) {
      exclusive_.erase(table);
    } else {
      shared_.erase(shared_.find(table));
    }
  }
  changed_.notify_all();
}

namespace {

/// What each worker builds, for whoever asks the server how far it is.
class Building final {
 public:
  explicit Building(ArchiveProgress& progress) : progress_(progress) {}

  void begin(std::size_t worker, int pid, std::string what) {
    const std::lock_guard lock(mutex_);
    progress_.begin(worker, what);
    by_pid_[pid] = {worker, std::move(what)};
  }
  void end(std::size_t worker, int pid) {
    const std::lock_guard lock(mutex_);
    progress_.begin(worker, "");
    by_pid_.erase(pid);
  }
  void show(int pid, const std::string& how_far) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_pid_.find(pid); found != by_pid_.end()) {
      progress_.begin(found->second.first, format("{}: {}", found->second.second, how_far));
    }
  }

 private:
  ArchiveProgress& progress_;
  std::mutex mutex_;
  std::map<int, std::pair<std::size_t, std::string>> by_pid_;  // guarded by mutex_
};

/// Asks once a second, until it is stopped. Progress is a comfort: without it work goes on.
void watch(const RestoreTarget& target, Building& building, const std::stop_token& stop) {
  static constexpr const char* kSql =
      "SELECT pid, phase || COALESCE(' ' || (100 * "
      "CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END / NULLIF(CASE "
      "WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, 0)) || '%', '') "
      "FROM pg_catalog.pg_stat_progress_create_index";
  try {
    const auto connection = target.connect(stop);
    if (connection->server_version() < 120000) return;
    for (;; target.clock().sleep(std::chrono::seconds(1), stop)) {
      for (const auto& row : connection->query(kSql)) {
        building.show(std::stoi(row.at(0).value_or("0")), row.at(1).value_or(""));
      }
    }
  } catch (const Cancelled&) {
    // Nothing is built any more.
  } catch (const Error& error) {
    log::debug("cannot tell how far indexes are: {}", error.message());
  }
}

void build_step(const BuildJob& job, const BuildStep& step, RestoreSession& session) {
  const TocEntry& entry = *step.entry;
  try {
    session.transaction(
        [&](Connection& connection) {
          connection.execute("SELECT pg_catalog.set_config('default_tablespace', $1, true)",
                             {job.no_tablespaces ? "" : entry.tablespace.value_or("")});
          connection.execute_script(entry.definition.value_or(""));
          if (job.target.keeps_state) RestoreState::record_built(connection, entry.dump_id);
        },
        [&](Connection& connection) { return RestoreState::is_built(connection, entry.dump_id); });
  } catch (const Cancelled&) {
    throw;
  } catch (Error& error) {
    if (ends_restore(error) || job.exit_on_error) {
      error.add_context(entry_name(entry));
      throw;
    }
    job.errors.add(entry, "", error);
  }
}

}  // namespace

void build(const BuildJob& job, const std::vector<BuildStep>& steps, unsigned jobs,
           const std::stop_token& stop) {
  if (steps.empty()) return;
  BuildSchedule schedule(steps);
  Building building(job.progress);
  TaskGroup watching(stop);
  watching.run([&](const std::stop_token& token) { watch(job.target, building, token); });
  TaskGroup workers(stop);
  for (std::size_t worker = 0; worker < std::min<std::size_t>(jobs, steps.size()); ++worker) {
    workers.run([&, worker](const std::stop_token& token) {
      RestoreSession session(job.target, token);
      while (const BuildStep* step = schedule.next(token)) {
        const int pid = session.connection().backend_pid();
        building.begin(worker, pid, entry_name(*step->entry));
        build_step(job, *step, session);
        building.end(worker, pid);
        schedule.finished(*step);
      }
    });
  }
  workers.wait();
}

}  // namespace pgseal::engine
