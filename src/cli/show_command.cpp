#include "backupset/archive_reader.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/backup_choice.h"
#include "cli/commands.h"
#include "cli/open_archive.h"
#include "cli/store_settings.h"
#include "cli/table.h"

namespace pgseal::cli {

namespace {

using backupset::Authenticity;

struct ShowFlags {
  std::string backup = "latest";
  bool json = false;
};

/// Lines "name: value", tables below them, and the same as JSON.
struct Shown {
  std::vector<std::vector<std::string>> lines{};
  std::vector<std::vector<std::string>> objects{{"OBJECT", "SIZE", "SHA-256"}};
  std::string tables{};
  Json json = Json::object();

  void add_object(const std::string& key, std::uint64_t size, const std::string& sha256) {
    objects.push_back({key, format_size(size), sha256});
    json["objects"].push_back({{"key", key}, {"size", size}, {"sha256", sha256}});
  }
};

std::string duration_of(TimePoint started, TimePoint finished) {
  return format("{} (took {})", format_utc(finished), format_duration(finished - started));
}

Shown show(const backupset::ClassicEntry& entry) {
  const backupset::ClassicManifest& m = entry.manifest->claims();
  Shown shown;
  shown.lines = {
      {"backup:", entry.name.text()},
      {"format:", "classic"},
      {"database:", m.database},
      {"started:", format_utc(m.started)},
      {"finished:", duration_of(m.started, m.finished)},
      {"server:", m.server_version},
      {"pg_dump:", m.pg_dump_version},
      {"pgseal:", m.pgseal_version},
      {"public key:", "SHA-256 " + m.public_key_sha256},
      {"signature:", "the format has none; restore and decrypt authenticate the manifest"},
      {"content:", format_size(m.dump_size) + " of SQL"},
      {"warnings:", std::to_string(m.pg_dump_warnings)}};
  shown.json = {{"backup", entry.name.text()},
                {"format", "classic"},
                {"database", m.database},
                {"started", format_utc(m.started)},
                {"finished", format_utc(m.finished)},
                {"server_version", m.server_version},
                {"pg_dump_version", m.pg_dump_version},
                {"pgseal_version", m.pgseal_version},
                {"public_key_sha256", m.public_key_sha256},
                {"sql_bytes", m.dump_size},
                {"warnings", m.pg_dump_warnings}};
  for (const auto* object : {&m.data, &m.key}) {
    shown.add_object(object->name, object->size, object->sha256);
  }
  return shown;
}

std::string signature_text(const backupset::ArchiveReader& reader) {
  const std::string signer = reader.manifest().signer.value_or("a key that it does not name");
  switch (reader.authenticity()) {
    case Authenticity::verified:
      return format("good, by {}: {}", signer, reader.trusted_comment());
    case Authenticity::not_checked:
      return format("not checked (--signer): it says to be by {}", signer);
    case Authenticity::unsigned_:
      return "none";
    case Authenticity::refused:
      break;
  }
  return "refused";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "none" : text;
}

Shown show(const backupset::ArchiveReader& reader) {
  const backupset::ArchiveManifest& m = reader.manifest();
  Shown shown;
  shown.lines = {
      {"backup:", reader.place().name()},
      {"format:", "archive " + m.archive_version},
      {"database:", m.database},
      {"started:", format_utc(m.started)},
      {"finished:", duration_of(m.started, m.finished)},
      {"server:", m.server_version},
      {"pg_dump:", m.pg_dump_version},
      {"pgseal:", m.pgseal_version},
      {"options:", joined(m.pg_dump_options)},
      {"signature:", signature_text(reader)},
      {"content:", format_size(m.content_size)},
      {"stored:", format("{} in {} objects", format_size(m.stored_size()), m.objects.size())},
      {"warnings:", std::to_string(m.warnings)}};
  for (const std::string& recipient : m.recipients)
    shown.lines.push_back({"recipient:", recipient});
  shown.json = {{"backup", reader.place().name()},
                {"format", "archive"},
                {"archive_version", m.archive_version},
                {"database", m.database},
                {"started", format_utc(m.started)},
                {"finished", format_utc(m.finished)},
                {"server_version", m.server_version},
                {"pg_dump_version", m.pg_dump_version},
                {"pgseal_version", m.pgseal_version},
                {"pg_dump_options", m.pg_dump_options},
                {"recipients", m.recipients},
                {"signer", m.signer ? Json(*m.signer) : Json()},
                {"signature", signature_word(reader.authenticity())},
                {"content_bytes", m.content_size},
                {"stored_bytes", m.stored_size()},
                {"warnings", m.warnings}};
  for (const auto& object : m.objects) {
    shown.add_object(object.key, object.size, object.sha256);
  }
  return shown;
}

std::string ratio_text(std::uint64_t content, std::uint64_t stored) {
  if (stored == 0) return "-";
  return format("{:.1f}", static_cast<double>(content) / static_cast<double>(stored));
}

/// What only the private catalog tells.
void add_catalog(Shown& shown, const backupset::Catalog& catalog) {
  std::vector<std::vector<std::string>> rows{
      {"TABLE", "ROWS", "SIZE", "STORED", "RATIO", "SEGMENTS", "FINGERPRINT"}};
  Json tables = Json::array();
  for (const auto& table : catalog.tables) {
    const auto rows_of_table = table.rows();
    rows.push_back({table.schema + "." + table.name, std::to_string(rows_of_table.rows()),
                    format_size(table.content_size()), format_size(table.stored_size()),
                    ratio_text(table.content_size(), table.stored_size()),
                    std::to_string(table.segments.size()), rows_of_table.hex()});
    tables.push_back({{"schema", table.schema},
                      {"name", table.name},
                      {"rows", rows_of_table.rows()},
                      {"fingerprint", rows_of_table.hex()},
                      {"content_bytes", table.content_size()},
                      {"stored_bytes", table.stored_size()},
                      {"segments", table.segments.size()}});
  }
  std::uint64_t count = 0, size = 0;
  for (const auto& group : catalog.large_objects) {
    count += group.objects.size();
    for (const auto& object : group.objects) size += object.size;
  }
  shown.tables = table_text(rows) + format("{} large objects, {}; {} sequences\n", count,
                                           format_size(size), catalog.sequences.size());
  shown.json["tables"] = tables;
  shown.json["large_objects"] = {{"count", count}, {"bytes", size}};
  shown.json["sequences"] = catalog.sequences.size();
}

Shown show_archive(const backupset::BackupPlace& place, store::ObjectStore& store,
                   const std::optional<crypto::MinisignPublicKey>& signer,
                   const std::optional<IdentityFile>& identity, const std::stop_token& stop) {
  backupset::ArchiveReader reader(store, place, signer, stop);
  Shown shown = show(reader);
  if (identity) {
    reader.open(open_identities(*identity, stop), stop);
    add_catalog(shown, reader.catalog());
  }
  return shown;
}

Exit run(const ShowFlags& flags, const Context& context) {
  Configuration& configuration = context.configuration;
  const auto url = resolve_store(configuration);
  const auto signer = resolve_signer(configuration);
  const auto identity = resolve_identity(configuration);
  configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(*url, access, context.clock);
  const ChosenBackup chosen =
      choose_backup(*store, flags.backup, configuration.text_or_empty(setting::wanted_database),
                    engine::Trust::verified, context.stop);
  const auto* classic = std::get_if<backupset::ClassicEntry>(&chosen);
  const Shown shown = classic != nullptr ? show(*classic)
                                         : show_archive(std::get<backupset::BackupPlace>(chosen),
                                                        *store, signer, identity, context.stop);
  if (flags.json) {
    print_output(json_text(shown.json));
  } else {
    print_output(table_text(shown.lines) + "\n" + table_text(shown.objects) +
                 (shown.tables.empty() ? "" : "\n" + shown.tables));
  }
  if (classic != nullptr && signer) {
    throw Error(Exit::key, "the classic format has no signature that --signer could verify");
  }
  return Exit::ok;
}

}  // namespace

void add_show_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<ShowFlags>();
  Command command = program.add_command(
      "show", "Show what a backup says of itself, and with an identity what it holds");
  add_backup_argument(command, own->backup);
  command.add_flag("--json", own->json, "as a JSON object");
  add_settings(
      command, flags, "Options",
      {&setting::wanted_database, &setting::signer, &setting::identity, &setting::passphrase_file});
  add_store_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
