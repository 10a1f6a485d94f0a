#include "backupset/drill_store.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/backup_choice.h"
#include "cli/commands.h"
#include "cli/store_settings.h"
#include "cli/table.h"

namespace pgseal::cli {

namespace {

struct ListFlags {
  std::optional<std::string> database;
  bool json = false;
  bool all = false;
};

/// What a row and a JSON object need of either format.
struct Row {
  const char* format_name = "";
  bool is_signed = false;
  std::uint64_t size = 0;  ///< bytes in the store
  std::optional<std::uint64_t> content_size{};
  std::optional<TimePoint> finished{};
  std::string server_version{};
};

Row row_of(const backupset::ClassicEntry& entry) {
  Row row{.format_name = "classic", .size = entry.size};
  if (entry.manifest) {
    const backupset::ClassicManifest& m = entry.manifest->claims();
    row.content_size = m.dump_size;
    row.finished = m.finished;
    row.server_version = m.server_version;
  }
  return row;
}

Row row_of(const backupset::ArchiveEntry& entry) {
  Row row{.format_name = "archive", .is_signed = entry.is_signed, .size = entry.size};
  if (entry.manifest) {
    row.content_size = entry.manifest->content_size;
    row.finished = entry.manifest->finished;
    row.server_version = entry.manifest->server_version;
  }
  return row;
}

Row row_of(const ListedBackup& backup) {
  return std::visit([](const auto& entry) { return row_of(entry); }, backup.entry());
}

using Drill = std::optional<backupset::DrillSummary>;

/// Only archives have a place for reports.
Drill newest_drill(const ListedBackup& backup, store::ObjectStore& store,
                   const std::stop_token& stop) {
  const auto* archive = std::get_if<backupset::ArchiveEntry>(&backup.entry());
  return archive != nullptr ? backupset::newest_drill(store, *archive, stop) : std::nullopt;
}

Json to_json(const ListedBackup& backup, const Drill& drill) {
  const Row row = row_of(backup);
  const bool is_classic = std::holds_alternative<backupset::ClassicEntry>(backup.entry());
  Json json = {{"backup", backup.name()},
               {"database", backup.database()},
               {"started", format_utc(backup.started())},
               {"format", row.format_name},
               {"signed", row.is_signed},
               {"size", row.size},
               {"committed", backup.committed()}};
  if (drill) {
    json["drilled"] = {{"finished", format_utc(drill->finished)},
                       {"verdict", backupset::verdict_name(drill->passed)},
                       {"left_out", drill->left_out}};
  }
  if (!backup.committed()) json["problem"] = backup.problem();
  if (row.finished) {
    json["finished"] = format_utc(*row.finished);
    json[is_classic ? "sql_bytes" : "content_bytes"] = *row.content_size;
    json["server_version"] = row.server_version;
  }
  return json;
}

/// "2026-11-20 ok"
std::string drill_cell(const Drill& drill) {
  if (!drill) return "-";
  return format("{:.10} {}", format_utc(drill->finished),
                backupset::verdict_text(drill->passed, drill->left_out));
}

std::vector<std::string> to_cells(const ListedBackup& backup, const Drill& drill) {
  const Row row = row_of(backup);
  return {backup.name(),
          row.format_name,
          row.is_signed ? "yes" : "no",
          format_size(row.size),
          row.content_size ? format_size(*row.content_size) : "-",
          row.finished ? format_duration(*row.finished - backup.started()) : "-",
          drill_cell(drill),
          backup.committed() ? "ok" : backup.problem()};
}

Exit run(const ListFlags& flags, const Context& context) {
  const auto url = resolve_store(context.configuration);
  context.configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(*url, access, context.clock);

  Json json = Json::array();
  std::vector<std::vector<std::string>> rows{
      {"BACKUP", "FORMAT", "SIGNED", "SIZE", "CONTENT", "TOOK", "DRILLED", "STATE"}};
  std::size_t hidden = 0;
  for (const auto& backup : list_backups(*store, flags.database.value_or(""), context.stop)) {
    if (!backup.committed() && !flags.all) {
      ++hidden;
      continue;
    }
    const Drill drill = newest_drill(backup, *store, context.stop);
    json.push_back(to_json(backup, drill));
    rows.push_back(to_cells(backup, drill));
  }
  if (flags.json) {
    print_output(json_text(json));
  } else if (rows.size() > 1) {
    print_output(table_text(rows));
  } else {
    log::info("no backup in {}", store->url(""));
  }
  if (hidden > 0) {
    log::warning(
        "{} not shown: no backups, since a manifest, or an object that it names, is missing "
        "or wrong; see --all",
        hidden);
  }
  return Exit::ok;
}

}  // namespace

void add_list_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<ListFlags>();
  Command command = program.add_command("list", "List the backups in a store");
  command.add_text("--database", own->database, "only this database's").type_name("NAME");
  command.add_flag("--json", own->json, "as a JSON array");
  command.add_flag(
      "--all", own->all,
      "also what is no backup, with the reason: one that runs or did not finish, pairs without a "
      "manifest, as the old image made them, or with an object missing");
  add_store_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
