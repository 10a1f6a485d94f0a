#include <CLI/CLI.hpp>

#include "base/format.h"
#include "base/size.h"
#include "cli/open_database.h"
#include "cli/progress_view.h"
#include "cli/read_options.h"
#include "engine/classic_restore.h"

namespace pgseal::cli {

namespace {

struct Flags {
  ReadFlags read;
  DatabaseFlags target;
  std::optional<std::string> to;
  bool allow_non_empty = false;
};

Exit run(const Flags& flags, const Context& context) {
  Problems problems;
  ReadFlags read_flags = flags.read;
  read_flags.store.region = flags.target.region;
  const auto read = resolve_read(read_flags, context.environment, problems);
  DatabaseSettings target;
  if (flags.to) {
    target = resolve_target(*flags.to, flags.target, context.environment, problems);
  } else {
    problems.add("the database to restore into is missing: --to");
  }
  problems.throw_if_any();

  AwsAccess access(context.environment, context.clock);
  const auto store = open_store(read->store, access, context.clock);
  engine::ClassicReader reader = open_backup(flags.read, *read, *store, context);
  engine::Progress progress;
  const engine::ClassicRestoreOptions options{
      .target = open_database(target, access, context.clock),
      .target_state =
          flags.allow_non_empty ? engine::Target::may_hold_objects : engine::Target::must_be_empty,
      .program_path = context.environment.text("PATH")};
  const auto begin = context.clock.monotonic();
  const auto done = [&] {
    const ProgressView view(progress, {"restored", nullptr, "read"}, context.clock);
    return engine::restore_classic(options, reader, progress, context.stop);
  }();
  const std::string name = reader.entry().name.text();
  const auto duration = context.clock.monotonic() - begin;
  print_result(format("restored \"{}\" into \"{}\": {} of SQL in {}", name, done.database,
                      format_size(done.sql_size), format_duration(duration)),
               {{"event", "restore"},
                {"backup", name},
                {"database", done.database},
                {"sql_bytes", done.sql_size},
                {"seconds", std::chrono::duration<double>(duration).count()}});
  return Exit::ok;
}

}  // namespace

void add_restore_command(CLI::App& app, Action& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *app.add_subcommand("restore", "Restore a backup into a database");
  add_read_options(command, flags->read);
  add_text(command, "--to", flags->to, "database to restore into: its name, or a connection string")
      ->type_name("CONNINFO");
  command.add_flag("--allow-non-empty", flags->allow_non_empty,
                   "restore into a database that already holds objects");
  add_authentication_options(command, flags->target);
  command.callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return run(*flags, context); };
  });
}

}  // namespace pgseal::cli
