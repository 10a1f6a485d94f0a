#include "base/format.h"
#include "base/size.h"
#include "cli/open_database.h"
#include "cli/progress_pictures.h"
#include "cli/read_options.h"
#include "engine/classic_restore.h"

namespace pgseal::cli {

namespace {

struct RestoreFlags {
  ReadFlags read;
  std::optional<std::string> to;
  bool allow_non_empty = false;
};

Exit run(const RestoreFlags& flags, const Context& context) {
  Configuration& configuration = context.configuration;
  const auto read = resolve_read(configuration);
  DatabaseSettings target;
  if (flags.to) {
    target = resolve_target(*flags.to, configuration);
  } else {
    configuration.problems().add("the database to restore into is missing: --to");
  }
  configuration.problems().throw_if_any();

  AwsAccess access(context.environment, context.clock);
  const auto store = open_store(read->store, access, context.clock);
  engine::ClassicReader reader = open_backup(flags.read, *read, *store, context.stop);
  engine::Progress progress;
  const engine::ClassicRestoreOptions options{
      .target = open_database(target, access, context.clock),
      .target_state =
          flags.allow_non_empty ? engine::Target::may_hold_objects : engine::Target::must_be_empty,
      .program_path = context.environment.text("PATH")};
  const auto begin = context.clock.monotonic();
  const auto done = [&] {
    TransferPicture picture(progress, {"restored", nullptr, "read"});
    const ProgressView view(picture, context.clock);
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

void add_restore_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<RestoreFlags>();
  Command command = program.add_command("restore", "Restore a classic backup into a database");
  add_read_options(command, own->read, flags);
  command.add_text("--to", own->to, "database to restore into: its name, or a connection string")
      .type_name("CONNINFO");
  command.add_flag("--allow-non-empty", own->allow_non_empty,
                   "restore into a database that already holds objects");
  add_authentication_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
