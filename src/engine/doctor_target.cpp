#include "engine/doctor_target.h"

#include <functional>

#include "base/format.h"
#include "base/text.h"
#include "engine/restore_check.h"
#include "engine/restore_target.h"
#include "postgres/dump_contents.h"
#include "postgres/programs.h"

namespace pgseal::engine {

namespace {

constexpr const char* kSubject = "target";
constexpr const char* kConnection = "connection";
constexpr const char* kNoSource = "not compared, since the database to back up was not reached";

struct TargetSubject {
  const TargetDoctorOptions& options;
  postgres::Connection& connection;
  std::stop_token stop;
};

Finding check_server(TargetSubject& subject) {
  const auto first = identify_target(subject.connection);
  postgres::Connection second = subject.options.target.connect(subject.stop);
  require_same_target(second, first);
  return {State::ok, "two connections reached the same server, no pooler and no replica"};
}

Finding check_version(TargetSubject& subject) {
  const std::string version = subject.connection.server_version_text();
  const postgres::Connection* source = subject.options.source;
  if (source == nullptr) return {State::note, format("version {}, {}", version, kNoSource)};
  const std::string reason =
      format("version {}, and the source's is {}", version, source->server_version_text());
  if (subject.connection.server_version() / 10000 >= source->server_version() / 10000) {
    return {State::ok, reason};
  }
  return {State::failure, reason, "name a server of the source's version, or say --force-version"};
}

Finding check_programs(TargetSubject& subject) {
  const auto find = [&](const char* name) {
    return postgres::find_programs(name, subject.options.program_path, subject.stop);
  };
  const int target = subject.connection.server_version();
  const int source =
      subject.options.source == nullptr ? target : subject.options.source->server_version();
  const auto pg_restore = postgres::choose_pg_restore(find("pg_restore"), source, target);
  const auto psql = postgres::choose_psql(find("psql"));
  return {State::ok, format("pg_restore {}, psql {}", pg_restore.version_text, psql.version_text)};
}

Finding check_rights(TargetSubject& subject) {
  const auto row = subject.connection
                       .query(
                           "SELECT pg_catalog.has_database_privilege("
                           "pg_catalog.current_database(), 'CREATE'), "
                           "pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I;', "
                           "pg_catalog.current_database(), current_user)")
                       .at(0);
  if (row[0] == "t") return {State::ok, "the role may make schemas"};
  return {State::failure, "the role may not make schemas", row[1].value_or("")};
}

/// As a restore that was told nothing else.
Finding check_is_empty(TargetSubject& subject) {
  Problems problems("the target is not as a restore wants it");
  (void)check_target(
      subject.connection, nullptr,
      {.target = subject.options.target, .program_path = subject.options.program_path}, problems);
  problems.throw_if_any();
  return {State::ok, "it is empty"};
}

/// `missing` of `what`, each of which `statement` makes.
Finding lacking(const std::set<std::string>& missing, const char* what, State state,
                const std::function<std::string(const std::string&)>& statement) {
  if (missing.empty()) return {State::ok, format("it has all {} of the source", what)};
  std::vector<std::string> names(missing.begin(), missing.end()), statements;
  for (const std::string& name : names) statements.push_back(statement(name));
  return {state, format("it lacks {} of the source: {}", what, first_few(names)),
          joined(statements, "\n"), std::move(names)};
}

Finding check_extensions(TargetSubject& subject) {
  if (subject.options.source == nullptr) return {State::note, kNoSource};
  TargetNeeds wanted;
  for (const auto& [name, version] : postgres::extensions(*subject.options.source)) {
    wanted.extensions.insert(name);
  }
  const TargetNeeds missing = missing_in(subject.connection, wanted);
  return lacking(missing.extensions, "extensions", State::failure, [](const std::string& name) {
    return format("install the files of the extension {} on the server", name);
  });
}

Finding check_roles(TargetSubject& subject) {
  if (subject.options.source == nullptr) return {State::note, kNoSource};
  const TargetNeeds missing = missing_in(
      subject.connection, {.roles = postgres::roles_of_objects(*subject.options.source)});
  return lacking(missing.roles, "roles", State::failure, [](const std::string& name) {
    return format("CREATE ROLE {};  -- or restore with --no-owner and --no-acl",
                  sql_quoted(name, '"'));
  });
}

Finding check_tablespaces(TargetSubject& subject) {
  if (subject.options.source == nullptr) return {State::note, kNoSource};
  const TargetNeeds missing =
      missing_in(subject.connection,
                 {.tablespaces = postgres::tablespaces_of_objects(*subject.options.source)});
  return lacking(missing.tablespaces, "tablespaces", State::failure, [](const std::string& name) {
    return format("CREATE TABLESPACE {} LOCATION '...';  -- or restore with --no-tablespaces",
                  sql_quoted(name, '"'));
  });
}

constexpr CheckOf<TargetSubject> kChecks[] = {
    {"server", check_server},           {"version", check_version},
    {"programs", check_programs},       {"rights", check_rights},
    {"empty", check_is_empty},          {"extensions", check_extensions},
    {"tablespaces", check_tablespaces}, {"roles", check_roles},
};

}  // namespace

void check_restore_target(const TargetDoctorOptions& options, Checks& checks,
                          const std::stop_token& stop) {
  std::unique_ptr<postgres::Connection> connection;
  const bool entered = checks.collect(kSubject, kConnection, Exit::database, [&] {
    connection.reset(new postgres::Connection(options.target.connect(stop)));
    return Finding{State::ok, format("{} is a server of version {}", options.target.describe(),
                                     connection->server_version_text())};
  });
  if (!entered) return checks.say_that_others_were_not_made();
  TargetSubject subject{.options = options, .connection = *connection, .stop = stop};
  checks.run(kSubject, Exit::database, kChecks, subject);
}

std::vector<std::string> target_check_names() {
  std::vector<std::string> names{kConnection};
  for (std::string& name : check_names(kChecks)) names.push_back(std::move(name));
  return names;
}

}  // namespace pgseal::engine
