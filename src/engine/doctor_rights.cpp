// What the role may read. A dump reads everything or fails.

#include <set>

#include "base/format.h"
#include "base/text.h"
#include "engine/doctor_parts.h"
#include "postgres/dump_rights.h"

namespace pgseal::engine {

namespace {

constexpr std::size_t kOneByOne = 5;     // so many get a statement each
constexpr int kHasReadAllData = 140000;  // the first release with pg_read_all_data

/// What is missing, in one finding for all of it: `objects`, or a list of `count` that they begin.
Finding missing(DatabaseSubject& subject, const std::string& what, std::vector<std::string> objects,
                std::uint64_t count, std::string remedy) {
  const State state = subject.failure_of_whole();
  return {state,
          format("{} {} {}{}", subject.role, what, first_few(objects, count),
                 state == State::failure ? "" : ", unless the options of pg_dump leave that out"),
          std::move(remedy), std::move(objects)};
}

Finding missing(DatabaseSubject& subject, const std::string& what, std::vector<std::string> objects,
                std::string remedy) {
  const std::uint64_t count = objects.size();
  return missing(subject, what, std::move(objects), count, std::move(remedy));
}

/// For many objects, one statement that reads all, future ones too, where there is one.
std::string grant_all(const DatabaseSubject& subject, const std::string& kind,
                      const std::set<std::string>& schemas) {
  if (subject.connection.server_version() >= kHasReadAllData) {
    return format("GRANT pg_read_all_data TO {};", subject.role);
  }
  std::string text;
  for (const std::string& schema : schemas) {
    text += format("{}GRANT SELECT ON ALL {}S IN SCHEMA {} TO {};", text.empty() ? "" : "\n", kind,
                   schema, subject.role);
  }
  return text;
}

std::string grant_each(const DatabaseSubject& subject, const std::string& right,
                       const std::vector<std::string>& objects) {
  std::string text;
  for (const std::string& object : objects) {
    text += format("{}GRANT {} {} TO {};", text.empty() ? "" : "\n", right, object, subject.role);
  }
  return text;
}

/// `kind` is TABLE or SEQUENCE.
Finding check_relations(DatabaseSubject& subject, const std::string& kind,
                        const std::vector<postgres::DumpedRelation>& unreadable) {
  std::vector<std::string> names;
  std::set<std::string> schemas;
  for (const auto& relation : unreadable) {
    names.push_back(relation.name);
    schemas.insert(relation.schema);
  }
  std::string remedy = names.size() > kOneByOne ? grant_all(subject, kind, schemas)
                                                : grant_each(subject, "SELECT ON " + kind, names);
  return missing(subject, "has no SELECT on", std::move(names), std::move(remedy));
}

Finding check_schemas(DatabaseSubject& subject) {
  auto schemas = postgres::schemas_without_usage(subject.connection);
  if (schemas.empty()) return {State::ok, "all schemas with tables may be used"};
  std::string remedy = grant_each(subject, "USAGE ON SCHEMA", schemas);
  return missing(subject, "has no USAGE on schema", std::move(schemas), std::move(remedy));
}

Finding check_tables(DatabaseSubject& subject) {
  const auto unreadable = postgres::tables_without_select(subject.connection);
  if (unreadable.empty()) return {State::ok, "all tables may be read"};
  return check_relations(subject, "TABLE", unreadable);
}

Finding check_sequences(DatabaseSubject& subject) {
  const auto unreadable = postgres::sequences_without_select(subject.connection);
  if (unreadable.empty()) return {State::ok, "all sequences may be read"};
  return check_relations(subject, "SEQUENCE", unreadable);
}

/// pg_read_all_data does not reach them, at least until release 18.
Finding check_large_objects(DatabaseSubject& subject) {
  auto [count, oids] = postgres::large_objects_without_select(subject.connection);
  if (count == 0) return {State::ok, "all large objects may be read"};
  std::string remedy =
      count > kOneByOne
          ? format(
                "DO $$ DECLARE o oid; BEGIN FOR o IN SELECT oid FROM "
                "pg_catalog.pg_largeobject_metadata LOOP EXECUTE 'GRANT SELECT ON LARGE OBJECT "
                "' || o || {}; END LOOP; END $$;",
                sql_quoted(" TO " + subject.role, '\''))
          : grant_each(subject, "SELECT ON LARGE OBJECT", oids);
  return missing(subject, "has no SELECT on large object", std::move(oids), count,
                 std::move(remedy));
}

/// Before release 16 the first is a superuser's alone, which RDS gives to nobody. What stands
/// beside it lets the role also write.
std::string release_from_row_security(DatabaseSubject& subject) {
  std::string remedy = format("ALTER ROLE {} BYPASSRLS;", subject.role);
  const auto owners = postgres::row_security_owners(subject.connection);
  if (!owners.empty()) {
    remedy += format("  -- or GRANT {} TO {};", joined(owners, ", "), subject.role);
  }
  return remedy;
}

Finding check_row_security(DatabaseSubject& subject) {
  auto tables = postgres::tables_with_row_security(subject.connection);
  if (tables.empty()) return {State::ok, "no policy hides rows"};
  std::string remedy = release_from_row_security(subject);
  if (subject.options.pg_dump.enable_row_security) {
    return {State::warning,
            format("policies hide rows, and --enable-row-security leaves those out, of {}",
                   first_few(tables)),
            std::move(remedy), std::move(tables)};
  }
  return missing(subject, "is bound by row security, and so may not dump", std::move(tables),
                 std::move(remedy));
}

constexpr CheckOf<DatabaseSubject> kChecks[] = {
    {"schemas", check_schemas},           {"tables", check_tables},
    {"sequences", check_sequences},       {"large-objects", check_large_objects},
    {"row-security", check_row_security},
};

}  // namespace

DatabaseChecks rights_checks() { return kChecks; }

}  // namespace pgseal::engine
