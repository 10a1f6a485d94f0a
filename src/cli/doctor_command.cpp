#include <algorithm>
#include <tuple>

#include "aws/rds_host.h"
#include "base/format.h"
#include "cli/backup_settings.h"
#include "cli/commands.h"
#include "cli/doctor_keys.h"
#include "cli/doctor_report.h"
#include "cli/doctor_store.h"
#include "cli/open_database.h"
#include "cli/rds_certificates.h"
#include "engine/archive_memory.h"
#include "engine/doctor_database.h"
#include "engine/doctor_target.h"

namespace pgseal::cli {

namespace {

struct DoctorFlags {
  std::optional<std::string> to;
  bool probe = false;
  bool json = false;
};

/// One examination. Each subject's settings are resolved by themselves, so that what is wrong with
/// one keeps no other from being looked at.
class Doctor final {
 public:
  Doctor(const DoctorFlags& flags, const Context& context)
      : flags_(flags), context_(context), configuration_(context.configuration) {}

  engine::Checks run() {
    const BackupFormat format = resolve_format(configuration_);
    const bool is_archive = format == BackupFormat::archive;
    const PlanSettings plan = is_archive ? resolve_plan(configuration_)
                                         : PlanSettings{.database = resolve_source(configuration_)};
    if (!is_archive) std::ignore = resolve_classic_jobs(configuration_);
    std::ignore = resolve_rate_limit(configuration_);
    const bool database_is_set = are_good("database");
    const auto store = resolve_store_to_write(configuration_, context_.clock.now());
    AwsAccess access(configuration_, context_.clock);
    const bool store_is_set = are_good("store");

    if (database_is_set) check_database(plan, is_archive, access);
    check_keys(configuration_, format, checks_);
    BackupToStore backup{.database = plan.database.params.get("dbname"), .is_classic = !is_archive};
    if (is_archive) {
      for (const auto& recipient : resolve_recipients(configuration_)) {
        backup.recipients.push_back(recipient.text());
      }
    }
    are_good("keys");
    backup.expected_size = source_.table_bytes;
    if (store_is_set) check_store(*store, backup, flags_.probe, access, context_, checks_);
    if (flags_.to) check_target(access);
    return std::move(checks_);
  }

 private:
  /// Whether nothing is wrong with the settings that were resolved since the last call; else each
  /// thing is a failure.
  bool are_good(const std::string& subject) {
    const Problems problems = configuration_.take_problems();
    for (const Error& problem : problems.all()) {
      checks_.add(subject, "settings", {engine::State::failure, problem.message(), problem.hint()},
                  problem.code());
    }
    if (!problems.empty()) {
      checks_.say_that_others_were_not_made();
    } else {
      checks_.add(subject, "settings", {engine::State::ok, "complete"}, Exit::usage);
    }
    return problems.empty();
  }

  void check_database(const PlanSettings& plan, bool is_archive, AwsAccess& access) {
    const engine::Database database = open_database(plan.database, access, context_.clock);
    source_ = engine::check_database(
        {.database = database,
         .pg_dump = plan.pg_dump,
         // The coordinator's and pg_dump's, which is gone when the workers come.
         .connections = is_archive ? std::max(2u, plan.shape.jobs + 1) : 2,
         .program_path = context_.environment.text("PATH"),
         .get_certificates = new_certificates(plan.database.params),
         .memory = is_archive ? "at most " + engine::memory_formula(plan.shape)
                              : "as doc/architecture.md has it of the classic format"},
        checks_, context_.clock, context_.stop);
  }

  void check_target(AwsAccess& access) {
    const DatabaseSettings settings = resolve_target(*flags_.to, configuration_);
    if (!are_good("target")) return;
    const engine::Database target = open_database(settings, access, context_.clock);
    engine::check_restore_target({.target = target,
                                  .source = source_.connection.get(),
                                  .program_path = context_.environment.text("PATH")},
                                 checks_, context_.stop);
  }

  [[nodiscard]] static std::string new_certificates(const postgres::ConnParams& params) {
    const std::string host = params.get("host"), file = params.get("sslrootcert");
    if (!aws::rds_endpoint_of(host)) return "put the new certificates of its authority there";
    return get_rds_certificates(aws::region_of_rds_host(host).value_or(""), file);
  }

  const DoctorFlags& flags_;
  const Context& context_;
  Configuration& configuration_;
  engine::Checks checks_;
  engine::KnownDatabase source_{};
};

Exit run(const DoctorFlags& flags, const Context& context) {
  const engine::Checks checks = Doctor(flags, context).run();
  print_output(flags.json ? json_text(doctor_json(checks)) : doctor_text(checks));
  return checks.exit_code();
}

}  // namespace

void add_doctor_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<DoctorFlags>();
  Command command = program.add_command(
      "doctor", "Find what would make the next backup fail or have holes; takes backup's options");
  command.set_help_flag("--help");  // -h is the host, as pg_dump has it
  command.add_flag("--json", own->json, "as a JSON object").group("Doctor");
  command
      .add_flag("--probe", own->probe,
                "put a small object into the store, and try what else the role may do with it")
      .group("Doctor");
  command
      .add_text("--to", own->to, "look also at this database, as one that is to be restored into")
      .type_name("CONNINFO")
      .group("Doctor");
  add_backup_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
