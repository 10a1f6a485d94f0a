#include "cli/database_settings.h"

#include <charconv>

#include "aws/rds_host.h"
#include "base/format.h"
#include "cli/aws_access.h"
#include "cli/aws_environment.h"
#include "cli/rds_certificates.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

/// A connection string, and how strong its parts are.
struct ConnectionString {
  postgres::ConnParams params;
  Strength strength = Strength::fallback;
  std::string origin;
};

ConnectionString read_dbname(Configuration& configuration) {
  ConnectionString result;
  const auto value = configuration.find(setting::dbname);
  if (!value) return result;
  result.strength = value->strength;
  result.origin = value->origin;
  configuration.problems().collect(
      [&] { result.params = postgres::ConnParams::parse(value->text()); });
  return result;
}

/// Sets `keyword` to the setting's value, unless the connection string has a stronger one.
void merge(ConnectionString& conninfo, const std::string& keyword, const Setting& setting,
           Configuration& configuration) {
  const auto value = configuration.find(setting);
  const std::string in_conninfo = conninfo.params.get(keyword);
  if (value && (in_conninfo.empty() || value->strength > conninfo.strength)) {
    conninfo.params.set(keyword, value->text());
    return;
  }
  if (in_conninfo.empty()) return;
  configuration.imply(setting, in_conninfo, conninfo.origin);
  if (value && value->strength == conninfo.strength && value->text() != in_conninfo) {
    configuration.problems().add(format("{} ({}) and {} in dbname ({}) contradict each other",
                                        setting.key, value->origin, keyword, conninfo.origin));
  }
}

/// What libpq will use: the parameter, else its own variable.
std::string effective(const postgres::ConnParams& params, const std::string& keyword,
                      const std::string& variable, const Environment& environment) {
  const std::string value = params.get(keyword);
  return value.empty() ? environment.text(variable) : value;
}

std::optional<int> parse_port(const std::string& text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535) {
    return std::nullopt;
  }
  return port;
}

/// Where the RDS certificates of `region` are; "" and a problem where they are nowhere.
std::string find_bundle(const postgres::ConnParams& params, const std::string& region,
                        Configuration& configuration) {
  return find_rds_certificates(
      effective(params, "sslrootcert", "PGSSLROOTCERT", configuration.environment()), region,
      configuration);
}

void require_tls(postgres::ConnParams& params, const std::string& region,
                 Configuration& configuration) {
  params.set("sslmode", "verify-full");
  params.set("sslrootcert", find_bundle(params, region, configuration));
}

/// The database's region: as it is set, as the host's name tells it, as the AWS tools are told it.
std::string resolve_region(const std::string& host, Configuration& configuration) {
  if (const auto value = configuration.find(setting::region)) return value->text();
  if (const auto region = aws::region_of_rds_host(host)) {
    configuration.assume(setting::region, *region, "from the host's name");
    return *region;
  }
  if (const auto region = aws_region(configuration)) {
    configuration.assume(setting::region, region->name, region->origin);
    return region->name;
  }
  configuration.problems().add("the region of the database is missing: REGION, or --region");
  return "";
}

IamSettings resolve_iam(const postgres::ConnParams& params, const std::string& host,
                        Configuration& configuration) {
  IamSettings iam;
  iam.host = host;
  iam.user = effective(params, "user", "PGUSER", configuration.environment());
  const std::string port = effective(params, "port", "PGPORT", configuration.environment());
  iam.port = parse_port(port.empty() ? setting::port.default_value : port).value_or(0);
  iam.region = resolve_region(host, configuration);
  if (host.empty() || host.starts_with('/')) {
    configuration.problems().add("IAM authentication needs a host name, not a socket");
  }
  if (iam.user.empty()) configuration.problems().add("IAM authentication needs a user");
  return iam;
}

/// Decides how one gets in, and what that asks of the connection.
DatabaseSettings with_authentication(ConnectionString conninfo, Configuration& configuration) {
  const Environment& environment = configuration.environment();
  Problems& problems = configuration.problems();
  const std::string auth = configuration.one_of(setting::db_auth, {"auto", "iam", "password"});
  merge(conninfo, "sslrootcert", setting::rds_ca, configuration);
  DatabaseSettings settings{std::move(conninfo.params), std::nullopt};
  postgres::ConnParams& params = settings.params;
  const std::string host = effective(params, "host", "PGHOST", environment);
  const auto endpoint = aws::rds_endpoint_of(host);
  if (endpoint == aws::RdsEndpoint::proxy) {
    problems.add(
        format("\"{}\" is an RDS Proxy, which may give every transaction to another session "
               "of the server: name the instance or the cluster behind it",
               host));
  }
  const bool is_rds = endpoint.has_value();
  const bool has_password = !params.password().empty() || environment.get("PGPASSWORD") ||
                            environment.get("PGPASSFILE") || !params.get("passfile").empty();
  const bool is_socket = host.empty() || host.starts_with('/');
  const bool use_iam = auth == "iam" || (auth == "auto" && !has_password && !is_socket &&
                                         (is_rds || configuration.find(setting::region)));
  if (!use_iam && configuration.find(setting::db_role)) {
    problems.add("db_role is for IAM authentication, and the database is entered by password");
  }
  if (auth == "iam" && has_password) {
    problems.add("--db-auth iam and a password contradict each other");
  }
  const std::string sslmode = effective(params, "sslmode", "PGSSLMODE", environment);
  if (use_iam) {
    if (!sslmode.empty() && sslmode != "verify-full") {
      problems.add(
          format("IAM authentication needs sslmode verify-full, not {}: a token sent to "
                 "another server is lost",
                 sslmode));
    }
    settings.iam = resolve_iam(params, host, configuration);
    (void)resolve_roles(configuration);
    require_tls(params, settings.iam->region, configuration);
    return settings;
  }
  const std::string region = aws::region_of_rds_host(host).value_or("");
  if (is_rds && sslmode.empty()) {
    require_tls(params, region, configuration);
  } else if (!params.get("sslrootcert").empty()) {
    params.set("sslrootcert", find_bundle(params, region, configuration));
  }
  return settings;
}

void check_port(const postgres::ConnParams& params, Problems& problems) {
  const std::string port = params.get("port");
  if (!port.empty() && !parse_port(port)) problems.add(format("the port is \"{}\"", port));
}

}  // namespace

DatabaseSettings resolve_source(Configuration& configuration) {
  ConnectionString conninfo = read_dbname(configuration);
  const postgres::ConnParams& params = conninfo.params;
  merge(conninfo, "host", setting::host, configuration);
  merge(conninfo, "port", setting::port, configuration);
  merge(conninfo, "user", setting::user, configuration);
  merge(conninfo, "dbname", setting::database, configuration);
  // A connection string or a service file may leave the rest to libpq; without one, a host or user
  // that nobody named is more likely forgotten.
  const bool libpq_knows = !conninfo.origin.empty() || configuration.environment().get("PGSERVICE");
  const auto require = [&](const char* keyword, const char* what) {
    if (params.get(keyword).empty()) configuration.problems().add(what);
  };
  require("dbname", "the database is missing: POSTGRES_DATABASE, or --database");
  if (!libpq_knows) {
    require("host", "the database's host is missing: POSTGRES_HOST, or --host");
    require("user", "the database's user is missing: POSTGRES_USER, or --user");
  }
  check_port(params, configuration.problems());
  return with_authentication(std::move(conninfo), configuration);
}

DatabaseSettings resolve_target(const std::string& conninfo, Configuration& configuration) {
  // Written by hand for this very run, as a flag is.
  ConnectionString target{{}, Strength::flag, "--to"};
  configuration.problems().collect([&] { target.params = postgres::ConnParams::parse(conninfo); });
  const Environment& environment = configuration.environment();
  if (effective(target.params, "dbname", "PGDATABASE", environment).empty() &&
      !environment.get("PGSERVICE") && target.params.get("service").empty()) {
    configuration.problems().add("--to names no database");
  }
  check_port(target.params, configuration.problems());
  const std::string host = effective(target.params, "host", "PGHOST", environment);
  if (aws::rds_endpoint_of(host) == aws::RdsEndpoint::several) {
    configuration.problems().add(
        format("cannot restore into \"{}\", a reader or custom endpoint: it gives each connection "
               "another server; name the cluster's own endpoint",
               host));
  }
  return with_authentication(std::move(target), configuration);
}

}  // namespace pgseal::cli
