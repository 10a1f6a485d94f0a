#include "engine/classic_restore.h"

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/restore_target.h"
#include "postgres/programs.h"
#include "postgres/psql.h"

namespace pgseal::engine {

namespace {

struct CheckedTarget {
  std::string database;
  postgres::ServerIdentity server;
};

/// Connects, and refuses a target that takes no changes or holds something.
CheckedTarget check_target(const ClassicRestoreOptions& options, const std::stop_token& stop) {
  postgres::Connection connection = options.target.connect(stop);
  postgres::ServerIdentity server = identify_target(connection);
  const std::vector<std::string> objects = postgres::user_objects(connection);
  if (!objects.empty() && options.target_state == Target::must_be_empty) {
    throw Error(Exit::database,
                format("cannot restore into {}: it is not empty ({}{})", options.target.describe(),
                       joined(objects, ", "), objects.size() > 3 ? ", ..." : ""))
        .with_hint("restore into a new database, or say --allow-non-empty");
  }
  return {connection.database(), std::move(server)};
}

/// What a failed restore left behind, for the error's hint. A plain dump with large objects holds
/// its own COMMIT, so that the single transaction is not always the whole story.
std::string state_after_failure(const ClassicRestoreOptions& options) {
  if (options.target_state == Target::may_hold_objects) {
    return "the target held objects before: look at what is there now";
  }
  try {
    postgres::Connection connection = options.target.connect({});
    if (postgres::user_objects(connection).empty()) return "the target is empty, as it was before";
  } catch (const Error& error) {
    return format("the state of the target is unknown: {}", error.message());
  }
  return "the target was left partly restored: drop it and create it anew before the next try";
}

}  // namespace

ClassicRestoreReport restore_classic(const ClassicRestoreOptions& options, ClassicReader& reader,
                                     Progress& progress, const std::stop_token& stop) {
  ClassicRestoreReport report;
  const CheckedTarget target = check_target(options, stop);
  report.database = target.database;
  const postgres::Program psql_program =
      postgres::choose_psql(postgres::find_programs("psql", options.program_path, stop));
  log::info("verifying \"{}\"", reader.entry().name.text());
  reader.verify(progress);
  log::info("restoring \"{}\" into {} with psql {}", reader.entry().name.text(),
            options.target.describe(), psql_program.version_text);
  try {
    postgres::Psql psql(psql_program, options.target.fresh_params(stop), stop);
    psql.write(as_bytes(postgres::require_server_statement(target.server)));
    reader.write_sql(psql, progress);
    psql.finish();
  } catch (const Error& error) {
    throw Error(error).with_hint(state_after_failure(options));
  }
  report.sql_size = progress.dumped;
  return report;
}

}  // namespace pgseal::engine
