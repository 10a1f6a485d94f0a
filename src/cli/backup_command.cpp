#include <CLI/CLI.hpp>
#include <thread>

#include "backupset/classic_name.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/commands.h"
#include "cli/key_settings.h"
#include "cli/open_database.h"
#include "cli/progress_view.h"
#include "engine/classic_backup.h"

namespace pgseal::cli {

namespace {

constexpr unsigned kMostJobsByDefault = 8;

struct Flags {
  DatabaseFlags database;
  StoreFlags store;
  std::optional<std::string> public_key, rate_limit, jobs;
};

struct Settings {
  DatabaseSettings database;
  store::StoreUrl store;
  crypto::RsaPublicKey public_key;
  std::optional<std::uint64_t> rate_limit;
  unsigned jobs = 1;
};

std::optional<std::uint64_t> resolve_rate_limit(const Flags& flags, const Environment& environment,
                                                Problems& problems) {
  // RATE_LMIT is how the old image's page spells it.
  const auto text = choose(flags.rate_limit, {"RATE_LIMIT", "RATE_LMIT"}, environment, problems);
  if (!text) return std::nullopt;
  const auto limit = parse_size(*text);
  if (!limit) {
    problems.add(
        format("the rate limit is \"{}\", and must be a number of bytes a second: 10M, 500k, "
               "1.5G, 65536",
               *text));
  }
  return limit;
}

unsigned resolve_jobs(const Flags& flags, const Environment& environment, Problems& problems) {
  const auto text = choose(flags.jobs, {"PGSEAL_JOBS"}, environment, problems);
  // A container may see more processors than it may use, and each job takes memory.
  if (!text) return std::clamp(std::thread::hardware_concurrency(), 1u, kMostJobsByDefault);
  unsigned jobs = 0;
  if (!CLI::detail::lexical_cast(*text, jobs) || jobs < 1 || jobs > 256) {
    problems.add(format("the number of jobs is \"{}\", and must be from 1 to 256", *text));
  }
  return jobs;
}

Settings resolve(const Flags& flags, const Environment& environment) {
  Problems problems;
  StoreFlags store_flags = flags.store;
  store_flags.region = flags.database.region;
  DatabaseSettings database = resolve_source(flags.database, environment, problems);
  const auto store = resolve_store(store_flags, environment, problems);
  const auto key = resolve_public_key(flags.public_key, environment, problems);
  const auto rate_limit = resolve_rate_limit(flags, environment, problems);
  const unsigned jobs = resolve_jobs(flags, environment, problems);
  problems.throw_if_any();
  return {std::move(database), *store, *key, rate_limit, jobs};
}

void report(const engine::ClassicBackupReport& done, const store::ObjectStore& store) {
  const backupset::ClassicManifest& m = done.manifest;
  const double seconds = std::chrono::duration<double>(done.duration).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(m.dump_size) / seconds);
  const std::uint64_t retries = store.retries();
  print_result(
      format("backed up \"{}\": {} ({}), {} ({}), {}; {} of SQL in {}, {}/s", m.database,
             store.url(m.data.name), format_size(m.data.size), m.key.name, format_size(m.key.size),
             done.name + std::string(backupset::kClassicManifestSuffix), format_size(m.dump_size),
             format_duration(done.duration), format_size(rate)) +
          (retries == 0 ? "" : format(", {} requests tried again", retries)),
      {{"event", "backup"},
       {"backup", done.name},
       {"database", m.database},
       {"data", {{"url", store.url(m.data.name)}, {"size", m.data.size}}},
       {"key", {{"url", store.url(m.key.name)}, {"size", m.key.size}}},
       {"sql_bytes", m.dump_size},
       {"compressed_bytes", done.compressed_size},
       {"pg_dump_warnings", m.pg_dump_warnings},
       {"retries", retries},
       {"bytes_per_second", rate},
       {"seconds", seconds}});
}

Exit run(const Flags& flags, const Context& context) {
  const Settings settings = resolve(flags, context.environment);
  AwsAccess access(context.environment, context.clock);
  const auto store = open_store(settings.store, access, context.clock);
  engine::Progress progress;
  const engine::ClassicBackupOptions options{
      .database = open_database(settings.database, access, context.clock),
      .public_key = settings.public_key,
      .rate_limit = settings.rate_limit,
      .jobs = settings.jobs,
      .program_path = context.environment.text("PATH"),
      .pgseal_version = PGSEAL_VERSION};
  const auto done = [&] {
    const ProgressView view(progress, {"dumped", "compressed", "sent"}, context.clock);
    return engine::backup_classic(options, *store, context.clock, progress, context.stop);
  }();
  report(done, *store);
  return Exit::ok;
}

}  // namespace

void add_backup_command(CLI::App& app, Action& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *app.add_subcommand("backup", "Back up a database");
  command.set_help_flag("--help", "print this help");  // -h is the host, as pg_dump has it
  const char* group = "Database";
  DatabaseFlags& db = flags->database;
  add_text(command, "-h,--host", db.host,
           "server's name or socket directory (POSTGRES_HOST, PGHOST)")
      ->type_name("HOST")
      ->group(group);
  add_text(command, "-p,--port", db.port, "server's port (POSTGRES_PORT, PGPORT, default 5432)")
      ->type_name("PORT")
      ->group(group);
  add_text(command, "-U,--user,--username", db.user, "user to connect as (POSTGRES_USER, PGUSER)")
      ->type_name("NAME")
      ->group(group);
  add_text(command, "--database", db.database, "database (POSTGRES_DATABASE, PGDATABASE)")
      ->type_name("NAME")
      ->group(group);
  add_text(command, "-d,--dbname", db.conninfo, "database, or a connection string")
      ->type_name("CONNINFO")
      ->group(group);
  add_authentication_options(command, db);
  add_store_options(command, flags->store);
  add_text(command, "--public-key", flags->public_key,
           "RSA public key to encrypt to: PEM, or a file (OPENSSL_PUBLIC_KEY)")
      ->type_name("KEY");
  add_text(command, "--rate-limit", flags->rate_limit,
           "bytes of SQL a second, as pv -L has it: 10M, 500k, 1.5G (RATE_LIMIT, default none)")
      ->type_name("RATE");
  add_text(command, "-j,--jobs", flags->jobs,
           "threads that compress (PGSEAL_JOBS, default: one a processor, at most 8)")
      ->type_name("N");
  command.callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return run(*flags, context); };
  });
}

}  // namespace pgseal::cli
