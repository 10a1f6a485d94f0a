#include "base/format.h"
#include "cli/drill_text.h"
#include "cli/open_archive.h"
#include "cli/open_database.h"
#include "cli/progress_pictures.h"
#include "cli/read_options.h"
#include "engine/comparison.h"

namespace pgseal::cli {

namespace {

using engine::DatabaseContent;

struct DiffFlags {
  std::string backup;
  std::optional<std::string> other, to;
  bool json = false;
};

/// What is resolved before anything is opened.
struct DiffSettings {
  ReadSettings read{};
  std::optional<crypto::MinisignPublicKey> signer{};
  std::optional<DatabaseSettings> target{};  ///< nothing: another backup is compared with
  unsigned jobs = 0;
};

DiffSettings resolve(const DiffFlags& flags, Configuration& configuration) {
  auto read = resolve_read(configuration);
  DiffSettings settings{.signer = resolve_signer(configuration),
                        .jobs = configuration.number(setting::jobs, 1, kMostJobs)};
  if (flags.to) {
    settings.target = resolve_target(*flags.to, configuration);
  } else if (!flags.other) {
    configuration.problems().add(
        "what to compare with is missing: another backup, or --to DATABASE");
  }
  configuration.problems().throw_if_any();
  settings.read = *std::move(read);
  return settings;
}

/// What the backups and the database that the arguments name hold.
class Sides final {
 public:
  Sides(const DiffSettings& settings, const Context& context)
      : settings_(settings),
        context_(context),
        access_(context.configuration, context.clock),
        store_(open_store(settings.read.store, access_, context.clock)) {}

  [[nodiscard]] DatabaseContent backup(const std::string& name) const {
    const auto place = choose_archive(
        *store_, name, settings_.read.database, "compare",
        "its content is in it as one script, which nothing can be compared with", context_.stop);
    return engine::read_content(
        *open_archive(*store_, place, settings_.signer, settings_.read.identity, context_.stop),
        context_.stop);
  }

  [[nodiscard]] DatabaseContent database(const DatabaseContent& like) {
    const engine::Database database = open_database(*settings_.target, access_, context_.clock);
    const std::string path = context_.environment.text("PATH");
    engine::ArchiveProgress progress;
    WorkersPicture picture(progress, {"read", "the database's", "transferred"});
    const ProgressView view(picture, context_.clock);
    return engine::read_content(
        {.database = database, .jobs = settings_.jobs, .program_path = path}, like, progress,
        context_.clock, context_.stop);
  }

 private:
  const DiffSettings& settings_;
  const Context& context_;
  AwsAccess access_;
  std::unique_ptr<store::ObjectStore> store_;
};

void print(const DatabaseContent& expected, const DatabaseContent& found,
           const backupset::Comparison& comparison, bool as_json) {
  const std::uint64_t differences = comparison.difference_count();
  if (as_json) {
    Json json = comparison.json();
    json["backup"] = expected.name;
    json["other"] = found.name;
    json["equal"] = differences == 0;
    print_output(json_text(json));
    return;
  }
  const TableTotals totals = totals_of(comparison);
  const std::string findings = findings_text("DIFFERENT", differences_of(comparison)) +
                               findings_text("LEFT OUT", left_out_of(comparison));
  if (!findings.empty()) print_output(findings.substr(1) + "\n");
  print_result(format("\"{}\" and \"{}\" {}: {} of {} equal, {}; {}, {} left out", expected.name,
                      found.name, differences == 0 ? "are equal" : "differ", totals.equal,
                      count_text(totals.tables, "table"), count_text(totals.rows, "row"),
                      count_text(differences, "difference"), comparison.left_out_count()),
               {{"event", "diff"},
                {"backup", expected.name},
                {"other", found.name},
                {"differences", differences},
                {"left_out", comparison.left_out_count()},
                {"tables", totals.tables},
                {"equal", totals.equal},
                {"rows", totals.rows}});
}

Exit run(const DiffFlags& flags, const Context& context) {
  const DiffSettings settings = resolve(flags, context.configuration);
  Sides sides(settings, context);
  const DatabaseContent expected = sides.backup(flags.backup);
  const DatabaseContent found = flags.other ? sides.backup(*flags.other) : sides.database(expected);
  const auto comparison = engine::compare(
      expected, found, {.database_itself = expected.toc.database == found.toc.database});
  print(expected, found, comparison, flags.json);
  return comparison.difference_count() == 0 ? Exit::ok : Exit::verification;
}

}  // namespace

void add_diff_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<DiffFlags>();
  Command command = program.add_command(
      "diff", "Compare a backup with a database, or with another backup, row for row");
  add_backup_argument(command, own->backup).required();
  const Option other =
      command.add_text("other", own->other, "the backup to compare with: as the first")
          .type_name("BACKUP");
  command
      .add_text("--to", own->to,
                "database to compare with, in the place of a backup: its name, or a connection "
                "string")
      .type_name("CONNINFO")
      .excludes(other);
  command.add_flag("--json", own->json, "as a JSON object, with what is equal too");
  add_archive_settings(command, flags);
  add_store_settings(command, flags);
  add_authentication_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
