// What a dump leaves out or has trouble with, and what it will be like.

#include <algorithm>

#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "engine/doctor_parts.h"
#include "postgres/dump_contents.h"
#include "postgres/dump_rights.h"
#include "postgres/server_state.h"

namespace pgseal::engine {

namespace {

/// `if_none` where there are none of them, else the finding that names them.
Finding named(std::vector<std::string> objects, const char* if_none, State state, const char* what,
              std::string remedy = "") {
  if (objects.empty()) return {State::ok, if_none};
  std::string reason = format("{}: {}", what, first_few(objects));
  return {state, std::move(reason), std::move(remedy), std::move(objects)};
}

/// The text with `statement` for each object, the object in the place of "{}".
std::string for_each(const std::vector<std::string>& objects, const char* before,
                     const char* after = ";") {
  std::vector<std::string> lines;
  for (const std::string& object : objects) lines.push_back(before + object + after);
  return joined(lines, "\n");
}

/// An extension whose objects do not come back by dump and restore alone, by whose word, and what
/// to do.
struct DifficultExtension {
  const char* name;
  State state;
  const char* trouble;
  const char* remedy;
};

constexpr DifficultExtension kDifficult[] = {
    // Issue 2503 of apache/age: ag_graph keeps the oid that a schema had in the source.
    {"age", State::warning, "graphs are known by oids that are others after a restore",
     "export the graphs with AGE's own means as well"},
    // Citus, "Cluster Management": the coordinator has the metadata, the workers have the rows.
    {"citus", State::warning,
     "rows lie on worker nodes, and which table is distributed how is lost",
     "back up the nodes physically as well"},
    // pg_cron, README: it can only be made in the database that cron.database_name names.
    {"pg_cron", State::note, "it can only be restored into the database cron.database_name",
     "name the target in cron.database_name there before a restore"},
    // Tiger Data, "Logical backup with pg_dump and pg_restore".
    {"timescaledb", State::warning,
     "a restore needs the same version of it, and its functions before and after",
     "SELECT timescaledb_pre_restore();  -- in the target, before the data\n"
     "SELECT timescaledb_post_restore();  -- after it"},
};

Finding check_extensions(DatabaseSubject& subject) {
  Finding finding{State::ok, "no extension is known to be difficult"};
  std::vector<std::string> reasons, remedies;
  const auto present = postgres::extensions(subject.connection);
  for (const DifficultExtension& known : kDifficult) {
    const auto found = present.find(known.name);
    if (found == present.end()) continue;
    finding.state = std::max(finding.state, known.state);
    finding.objects.push_back(format("{} {}", known.name, found->second));
    reasons.push_back(format("{}: {}", finding.objects.back(), known.trouble));
    remedies.emplace_back(known.remedy);
  }
  if (reasons.empty()) return finding;
  finding.reason = joined(reasons, "; ");
  finding.remedy = joined(remedies, "\n");
  return finding;
}

Finding check_extension_tables(DatabaseSubject& subject) {
  return named(postgres::undumped_extension_tables(subject.connection),
               "no table of an extension has rows that pg_dump leaves to it", State::note,
               "rows that pg_dump leaves to the extension, which may not make them anew");
}

/// pg_dump has the rows of a primary's; a replica has none.
Finding check_unlogged(DatabaseSubject& subject) {
  auto tables = postgres::unlogged_tables(subject.connection);
  if (!postgres::replica_settings(subject.connection)) {
    return {State::ok, tables.empty()
                           ? "no table is unlogged"
                           : format("rows of {} unlogged tables are dumped too", tables.size())};
  }
  std::string remedy = for_each(tables, "ALTER TABLE ", " SET LOGGED;  -- or dump the primary");
  return named(std::move(tables), "no table is unlogged", State::warning,
               "empty in the backup, since a replica has no rows of unlogged tables",
               std::move(remedy));
}

Finding check_foreign(DatabaseSubject& subject) {
  return named(postgres::foreign_tables(subject.connection), "there are no foreign tables",
               State::note, "the rows lie on other servers, and are not dumped",
               "back those up, or say --include-foreign-data=SERVER");
}

Finding check_views(DatabaseSubject& subject) {
  auto views = postgres::unpopulated_views(subject.connection);
  std::string remedy = for_each(views, "REFRESH MATERIALIZED VIEW ");
  return named(std::move(views), "all materialized views are populated", State::note,
               "materialized views that hold nothing, and will hold nothing after a restore",
               std::move(remedy));
}

Finding check_indexes(DatabaseSubject& subject) {
  auto indexes = postgres::invalid_indexes(subject.connection);
  std::string remedy = for_each(indexes, "REINDEX INDEX CONCURRENTLY ", ";  -- or DROP INDEX");
  return named(std::move(indexes), "all indexes are valid", State::note,
               "not valid here, and not dumped", std::move(remedy));
}

Finding check_event_triggers(DatabaseSubject& subject) {
  return named(postgres::event_triggers(subject.connection), "there are no event triggers",
               State::note, "event triggers, which only a superuser can restore");
}

Finding check_subscriptions(DatabaseSubject& subject) {
  return named(postgres::hidden_subscriptions(subject.connection), "no subscription is left out",
               State::note, "subscriptions, which pg_dump has only as a superuser",
               "write down their CREATE SUBSCRIPTION statements");
}

/// What the next one takes in time, the last one tells best: doctor looks for that in the store.
Finding check_size(DatabaseSubject& subject) {
  subject.table_bytes = postgres::known_table_bytes(subject.connection);
  return {State::ok, format("tables of {}, as of the last ANALYZE of each; memory: {}",
                            format_size(*subject.table_bytes), subject.options.memory)};
}

constexpr CheckOf<DatabaseSubject> kChecks[] = {
    {"extensions", check_extensions},
    {"extension-tables", check_extension_tables},
    {"unlogged-tables", check_unlogged},
    {"foreign-tables", check_foreign},
    {"materialized-views", check_views},
    {"indexes", check_indexes},
    {"event-triggers", check_event_triggers},
    {"subscriptions", check_subscriptions},
    {"size", check_size},
};

}  // namespace

DatabaseChecks contents_checks() { return kChecks; }

}  // namespace pgseal::engine
