#include <unistd.h>

#include <CLI/CLI.hpp>

#include "backupset/classic_listing.h"
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/commands.h"

namespace pgseal::cli {

namespace {

struct Flags {
  StoreFlags store;
  std::optional<std::string> database;
  bool json = false;
  bool all = false;
};

Json to_json(const backupset::ClassicEntry& entry) {
  Json json = {{"backup", entry.name.text()},
               {"database", entry.name.database()},
               {"started", format_utc(entry.name.started())},
               {"format", "classic"},
               {"size", entry.size},
               {"committed", entry.committed()}};
  if (!entry.committed()) json["problem"] = entry.problem;
  if (entry.manifest) {
    const backupset::ClassicManifest& m = entry.manifest->claims();
    json["finished"] = format_utc(m.finished);
    json["sql_bytes"] = m.dump_size;
    json["server_version"] = m.server_version;
  }
  return json;
}

/// Rows of text, each column as wide as its widest cell.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::vector<std::string> to_row(const backupset::ClassicEntry& entry) {
  const bool known = entry.manifest.has_value();
  return {entry.name.text(), format_size(entry.size),
          known ? format_size(entry.manifest->claims().dump_size) : "-",
          known ? format_duration(entry.manifest->claims().finished - entry.name.started()) : "-",
          entry.committed() ? "ok" : entry.problem};
}

Exit run(const Flags& flags, const Context& context) {
  Problems problems;
  const auto url = resolve_store(flags.store, context.environment, problems);
  problems.throw_if_any();
  AwsAccess access(context.environment, context.clock);
  const auto store = open_store(*url, access, context.clock);

  Json json = Json::array();
  std::vector<std::vector<std::string>> rows{{"BACKUP", "SIZE", "SQL", "TOOK", "STATE"}};
  std::size_t hidden = 0;
  for (const auto& entry :
       backupset::list_classic(*store, flags.database.value_or(""), context.stop)) {
    if (!entry.committed() && !flags.all) {
      ++hidden;
      continue;
    }
    json.push_back(to_json(entry));
    rows.push_back(to_row(entry));
  }
  std::string text;
  if (flags.json) {
    text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  } else if (rows.size() > 1) {
    text = table(rows);
  } else {
    log::info("no backup in {}", store->url(""));
  }
  write_all(STDOUT_FILENO, as_bytes(text), "to standard output");
  if (hidden > 0) {
    log::warning(
        "{} not shown: no backups, since a manifest, or an object that it names, is missing "
        "or wrong; see --all",
        hidden);
  }
  return Exit::ok;
}

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *app.add_subcommand("list", "List the backups in a store");
  add_text(command, "--database", flags->database, "only this database's")->type_name("NAME");
  command.add_flag("--json", flags->json, "as a JSON array");
  command.add_flag(
      "--all", flags->all,
      "also what is no backup, with the reason: pairs without a manifest, as the old image "
      "made them, or with an object missing");
  add_store_options(command, flags->store);
  command.callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return run(*flags, context); };
  });
}

}  // namespace pgseal::cli
