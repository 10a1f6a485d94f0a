// Which server answers, over what, and with which programs it is dumped.

#include "aws/rds_host.h"
#include "base/format.h"
#include "engine/certificate_check.h"
#include "engine/doctor_parts.h"
#include "postgres/programs.h"
#include "postgres/server_identity.h"
#include "postgres/server_state.h"

namespace pgseal::engine {

namespace {

/// Throws where a pooler answers, or another server to the second connection.
Finding check_server(DatabaseSubject& subject) {
  const auto first = postgres::identify_server(subject.connection);
  postgres::Connection second = subject.options.database.connect(subject.stop);
  if (!postgres::identify_server(second).is_same_run(first)) {
    throw postgres::several_servers("dump from");
  }
  const std::string host = subject.connection.transport().host;
  if (aws::rds_endpoint_of(host) == aws::RdsEndpoint::several) {
    return {State::warning,
            format("\"{}\" is a reader or custom endpoint: two connections reached one server, but "
                   "with another instance behind it the backup fails",
                   host),
            "name one instance, or the cluster's own endpoint"};
  }
  return {State::ok, "two connections reached the same server, and no pooler"};
}

Finding check_tls(DatabaseSubject& subject) {
  return judge_transport(subject.connection.transport());
}

Finding check_authorities(DatabaseSubject& subject) {
  const std::string file = subject.connection.transport().sslrootcert;
  if (file.empty()) return {State::ok, "no certificates of authorities are named"};
  if (file == "system") return {State::ok, "the system's certificates of authorities are used"};
  return check_certificates(file, subject.options.get_certificates, subject.now);
}

Finding check_pg_dump(DatabaseSubject& subject) {
  const auto program = postgres::choose_pg_dump(
      postgres::find_programs("pg_dump", subject.options.program_path, subject.stop),
      subject.connection.server_version(), subject.connection.server_version_text());
  postgres::require_pg_dump(subject.options.pg_dump, program.major());
  return {State::ok, format("{} is of version {}", program.path, program.version_text)};
}

std::string delay(std::int64_t milliseconds) {
  return milliseconds < 0 ? "for ever" : format("for {} s", milliseconds / 1000);
}

Finding check_replica(DatabaseSubject& subject) {
  const auto settings = postgres::replica_settings(subject.connection);
  if (!settings) return {State::ok, "the server is no replica"};
  const bool waits = settings->streaming_delay < 0 && settings->archive_delay < 0;
  if (settings->feedback || waits) {
    return {State::note,
            "the server is a replica, told not to cancel a backup's queries; the backup is as old "
            "as its replay"};
  }
  return {
      State::warning,
      format("the server is a replica, whose replay waits for queries {}, and {} where it "
             "replays an archive, before it cancels them",
             delay(settings->streaming_delay), delay(settings->archive_delay)),
      format(
          "{}on;{}", postgres::alter_system(subject.connection, "hot_standby_feedback"),
          postgres::is_at_rds(subject.connection) ? "" : "\nSELECT pg_catalog.pg_reload_conf();")};
}

constexpr CheckOf<DatabaseSubject> kChecks[] = {
    {"server", check_server},   {"tls", check_tls},         {"authorities", check_authorities},
    {"pg_dump", check_pg_dump}, {"replica", check_replica},
};

}  // namespace

Finding judge_transport(const postgres::Transport& transport) {
  const bool verified = transport.sslmode == "verify-full" || transport.sslmode == "verify-ca";
  const std::string remedy =
      "--dbname 'sslmode=verify-full sslrootcert=FILE', FILE with the authority's certificates";
  if (transport.is_local) {
    return {State::ok, transport.tls.empty() ? "not encrypted, and within this machine"
                                             : format("{}, within this machine", transport.tls)};
  }
  if (transport.tls.empty()) {
    return {State::warning, "not encrypted: rows cross the network for everybody to read", remedy};
  }
  if (!verified) {
    return {State::note,
            format("{}, but sslmode {} does not verify the server: who stands in between can be "
                   "taken for it",
                   transport.tls, transport.sslmode),
            remedy};
  }
  return {State::ok, format("{}, sslmode {}", transport.tls, transport.sslmode)};
}

DatabaseChecks access_checks() { return kChecks; }

}  // namespace pgseal::engine
