#include "engine/restore_check.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "postgres/identifiers.h"
#include "postgres/programs.h"

namespace pgseal::engine {

using postgres::Connection;
using postgres::TocEntry;

namespace {

std::string quoted(const std::set<std::string>& names) {
  return "\"" + joined(names, "\", \"") + "\"";
}

/// The first column.
std::set<std::string> names(Connection& connection, const std::string& sql) {
  const auto column = connection.query_column(sql);
  return {column.begin(), column.end()};
}

std::set<std::string> without(const std::set<std::string>& wanted,
                              const std::set<std::string>& present) {
  std::set<std::string> missing;
  std::set_difference(wanted.begin(), wanted.end(), present.begin(), present.end(),
                      std::inserter(missing, missing.end()));
  return missing;
}

/// Adds a problem naming them, where there are any.
void add_missing(const std::set<std::string>& missing, const char* what, const char* hint,
                 Problems& problems) {
  if (missing.empty()) return;
  problems.add(Error(Exit::database, format("the target has no {} {}", what, quoted(missing)))
                   .with_hint(hint));
}

void check_version(const Connection& connection, const RestoreChoice& choice, Problems& problems) {
  const std::string source = choice.toc.server_version.value_or("");
  if (connection.server_version() / 10000 >= postgres::parse_version(source) / 10000) return;
  problems.add(Error(Exit::database,
                     format("the target is a server of version {}, older than the backup's, {}",
                            connection.server_version_text(), source))
                   .with_hint("--force-version tries it all the same"));
}

void check_empty(Connection& connection, const ArchiveRestoreOptions& options, Problems& problems) {
  const std::vector<std::string> objects = postgres::user_objects(connection);
  if (objects.empty()) return;
  problems.add(
      Error(Exit::database, format("the target {} is not empty ({}{})", options.target.describe(),
                                   joined(objects, ", "), objects.size() > 3 ? ", ..." : ""))
          .with_hint("restore into a new database (--create makes it), or say --allow-non-empty, "
                     "or --clean, which drops what the backup has"));
}

/// What an interrupted restore left, against what is wanted now.
void check_state(const std::optional<RestoreState::Found>& found, const RestoreChoice* choice,
                 const ArchiveRestoreOptions& options, Problems& problems) {
  if (!options.resume) {
    if (!found) return;
    problems.add(Error(Exit::database, format("a restore of \"{}\" into {} was interrupted",
                                              found->backup, options.target.describe()))
                     .with_hint("--resume goes on with it; to begin again, drop the database, or "
                                "what was restored and the schema pgseal_restore"));
  } else if (!found) {
    problems.add(Error(Exit::database, format("cannot resume: {} has no schema {}, so no restore "
                                              "was interrupted there",
                                              options.target.describe(), RestoreState::kSchema)));
  } else if (!found->pre_data_done) {
    problems.add(Error(Exit::database,
                       "cannot resume: the restore was interrupted before all tables were made, "
                       "when nothing was loaded yet")
                     .with_hint("drop the database and restore anew"));
  } else if (choice != nullptr && found->backup != choice->backup) {
    problems.add(
        Error(Exit::database,
              format("cannot resume: what was interrupted is a restore of \"{}\"", found->backup)));
  } else if (found->options != options_text(options.pg_restore)) {
    problems.add(Error(Exit::database,
                       format("cannot resume: the interrupted restore was told \"{}\", this one "
                              "\"{}\"",
                              found->options, options_text(options.pg_restore))));
  }
}

/// Debian's servers find extensions in another directory too, of which the view does not know.
bool knows_its_extensions(Connection& connection) {
  return connection
      .query(
          "SELECT FROM pg_catalog.pg_settings WHERE name = 'extension_destdir' AND setting <> ''")
      .empty();
}

void check_objects(Connection& connection, const RestoreChoice& choice,
                   const ArchiveRestoreOptions& options, Problems& problems) {
  TargetNeeds wanted;
  for (const TocEntry* entry : choice.entries) {
    if (entry->description == "EXTENSION") wanted.extensions.insert(entry->tag.value_or(""));
    wanted.tablespaces.insert(entry->tablespace.value_or(""));
  }
  wanted.tablespaces.erase("");
  if (options.pg_restore.no_tablespaces) wanted.tablespaces.clear();
  wanted.roles = wanted_roles(choice, options.pg_restore);
  TargetNeeds missing = missing_in(connection, wanted);
  if (options.despite_missing) missing = {.tablespaces = missing.tablespaces};
  add_missing(missing.extensions, "extension", "install them on the server", problems);
  add_missing(missing.tablespaces, "tablespace", "make them, or say --no-tablespaces", problems);
  add_missing(missing.roles, "role",
              "make them (pgseal export writes globals.sql), or say --no-owner and --no-acl",
              problems);
}

}  // namespace

std::set<std::string> roles_in_acl(std::string_view statements) {
  std::set<std::string> roles;
  while (!statements.empty()) {
    const std::size_t end = std::min(statements.find(";\n"), statements.size());
    const std::string_view statement = statements.substr(0, end);
    statements.remove_prefix(std::min(end + 2, statements.size()));
    // Who is granted to, or revoked from, stands last.
    const std::string_view before = statement.find("GRANT ") < statement.find("REVOKE ")
                                        ? std::string_view(" TO ")
                                        : std::string_view(" FROM ");
    const std::size_t at = statement.rfind(before);
    if (at == std::string_view::npos) continue;
    const std::string_view role = statement.substr(at + before.size());
    const std::string_view identifier = role.substr(0, postgres::identifier_size(role));
    if (identifier != "PUBLIC" && identifier != "DEFAULT") {
      roles.insert(postgres::unquoted(identifier));
    }
  }
  return roles;
}

TargetNeeds missing_in(Connection& target, const TargetNeeds& wanted) {
  TargetNeeds missing;
  if (!wanted.extensions.empty() && knows_its_extensions(target)) {
    missing.extensions = without(
        wanted.extensions, names(target, "SELECT name FROM pg_catalog.pg_available_extensions"));
  }
  missing.tablespaces =
      without(wanted.tablespaces, names(target, "SELECT spcname FROM pg_catalog.pg_tablespace"));
  missing.roles = without(wanted.roles, names(target, "SELECT rolname FROM pg_catalog.pg_roles"));
  return missing;
}

std::set<std::string> wanted_roles(const RestoreChoice& choice,
                                   const postgres::RestoreOptions& options) {
  std::set<std::string> roles;
  for (const TocEntry* entry : choice.entries) {
    const std::string description = entry->description.value_or("");
    const bool is_acl = description == "ACL" || description == "DEFAULT ACL";
    if (is_acl && !options.no_acl) roles.merge(roles_in_acl(entry->definition.value_or("")));
    // Default privileges name the role whose objects they are for.
    const bool needs_owner =
        is_acl ? description == "DEFAULT ACL" && !options.no_acl : !options.no_owner;
    if (needs_owner) roles.insert(entry->owner.value_or(""));
  }
  roles.insert(options.role);
  roles.erase("");
  return roles;
}

void RestoreChoice::choose(const std::set<int>& dump_ids) {
  for (const TocEntry& entry : toc.entries) {
    if (dump_ids.contains(entry.dump_id)) entries.push_back(&entry);
  }
}

std::string options_text(const postgres::RestoreOptions& options) {
  return joined(options.selection(), " ");
}

void check_choice(const RestoreChoice& choice, const postgres::RestoreOptions& options,
                  Problems& problems) {
  const auto require = [&](const std::vector<std::string>& wanted, const char* what, auto name_of) {
    for (const std::string& name : wanted) {
      if (std::none_of(choice.entries.begin(), choice.entries.end(),
                       [&](const TocEntry* entry) { return name_of(*entry) == name; })) {
        problems.add(
            Error(Exit::not_found, format("\"{}\" has no {} \"{}\"", choice.backup, what, name)));
      }
    }
  };
  require(options.tables, "table", [](const TocEntry& entry) { return entry.tag; });
  require(options.schemas, "schema", [](const TocEntry& entry) { return entry.schema; });
}

std::optional<RestoreState::Found> check_target(Connection& connection, const RestoreChoice* choice,
                                                const ArchiveRestoreOptions& options,
                                                Problems& problems) {
  if (choice != nullptr && !options.force_version) check_version(connection, *choice, problems);
  if (choice != nullptr) check_objects(connection, *choice, options, problems);
  if (options.pg_restore.create && !options.resume) return std::nullopt;
  auto found = RestoreState::find(connection);
  check_state(found, choice, options, problems);
  const bool makes_objects =
      choice == nullptr ||
      std::any_of(choice->entries.begin(), choice->entries.end(), [](const TocEntry* entry) {
        return entry->section == postgres::Section::pre_data;
      });
  const bool told_otherwise = options.target_state == Target::may_hold_objects || options.resume ||
                              options.pg_restore.clean;
  if (!found && makes_objects && !told_otherwise) check_empty(connection, options, problems);
  return options.resume ? found : std::nullopt;
}

}  // namespace pgseal::engine
