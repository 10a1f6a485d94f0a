#include "cli/database_settings.h"

#include <unistd.h>

#include <charconv>

#include "aws/rds_token.h"
#include "base/format.h"

namespace pgseal::cli {

namespace {

constexpr const char* kBundleHint =
    "get it from https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem and put it to "
    "/etc/pgseal/rds-global-bundle.pem, or name it with --rds-ca";

enum class Auth { automatic, iam, password };

Auth resolve_auth(const DatabaseFlags& flags, const Environment& environment, Problems& problems) {
  const auto text = choose(flags.auth, {"PGSEAL_DB_AUTH"}, environment, problems);
  if (!text || *text == "auto") return Auth::automatic;
  if (*text == "iam") return Auth::iam;
  if (*text == "password") return Auth::password;
  problems.add(format("--db-auth is \"{}\", and must be iam, password or auto", *text));
  return Auth::automatic;
}

/// Sets `keyword` from a flag, or where the connection string has none, from variables.
void merge(postgres::ConnParams& params, const std::string& keyword, const std::string& flag_name,
           const std::optional<std::string>& flag, const std::vector<std::string>& variables,
           const Environment& environment, Problems& problems) {
  const std::string in_conninfo = params.get(keyword);
  if (flag && !in_conninfo.empty() && *flag != in_conninfo) {
    problems.add(format("{} and {} in --dbname contradict each other", flag_name, keyword));
  }
  if (flag) {
    params.set(keyword, *flag);
  } else if (in_conninfo.empty()) {
    params.set(keyword, choose(flag, variables, environment, problems).value_or(""));
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

/// Where the RDS certificates are; "" and a problem where they are nowhere.
std::string find_bundle(const postgres::ConnParams& params, const DatabaseFlags& flags,
                        const Environment& environment, Problems& problems) {
  std::string given = flags.rds_ca.value_or("");
  if (given.empty()) given = effective(params, "sslrootcert", "PGSSLROOTCERT", environment);
  if (!given.empty()) {
    if (given != "system" && ::access(given.c_str(), R_OK) != 0) {
      problems.add(format("cannot read the RDS certificates \"{}\" ({})", given, kBundleHint));
    }
    return given;
  }
  for (const char* place : {"/etc/pgseal/rds-global-bundle.pem", "rds_root.pem", "/rds_root.pem"}) {
    if (::access(place, R_OK) == 0) return place;
  }
  problems.add(format("the RDS certificates, with which the server is verified, are missing ({})",
                      kBundleHint));
  return "";
}

void require_tls(postgres::ConnParams& params, const DatabaseFlags& flags,
                 const Environment& environment, Problems& problems) {
  params.set("sslmode", "verify-full");
  params.set("sslrootcert", find_bundle(params, flags, environment, problems));
}

IamSettings resolve_iam(const postgres::ConnParams& params, const std::string& host,
                        const std::optional<std::string>& region, const Environment& environment,
                        Problems& problems) {
  IamSettings iam;
  iam.host = host;
  iam.user = effective(params, "user", "PGUSER", environment);
  const std::string port = effective(params, "port", "PGPORT", environment);
  iam.port = parse_port(port.empty() ? "5432" : port).value_or(0);
  iam.region = region.value_or("");
  if (iam.region.empty()) iam.region = aws::region_of_rds_host(host).value_or("");
  if (iam.region.empty()) iam.region = environment.text("AWS_REGION");
  if (iam.region.empty()) iam.region = environment.text("AWS_DEFAULT_REGION");
  if (iam.region.empty())
    problems.add("the region of the database is missing: REGION, or --region");
  if (host.empty() || host.starts_with('/')) {
    problems.add("IAM authentication needs a host name, not a socket");
  }
  if (iam.user.empty()) problems.add("IAM authentication needs a user");
  return iam;
}

/// Decides how one gets in, and what that asks of the connection.
DatabaseSettings with_authentication(postgres::ConnParams params, const DatabaseFlags& flags,
                                     const Environment& environment, Problems& problems) {
  const Auth auth = resolve_auth(flags, environment, problems);
  const auto region = choose(flags.region, {"REGION"}, environment, problems);
  const std::string host = effective(params, "host", "PGHOST", environment);
  const bool is_rds = aws::is_rds_host(host);
  const bool has_password = !params.password().empty() || environment.get("PGPASSWORD") ||
                            environment.get("PGPASSFILE") || !params.get("passfile").empty();
  const bool is_socket = host.empty() || host.starts_with('/');
  const bool use_iam = auth == Auth::iam || (auth == Auth::automatic && !has_password &&
                                             !is_socket && (is_rds || region));
  if (auth == Auth::iam && has_password) {
    problems.add("--db-auth iam and a password contradict each other");
  }
  const std::string sslmode = effective(params, "sslmode", "PGSSLMODE", environment);
  DatabaseSettings settings{std::move(params), std::nullopt};
  if (use_iam) {
    if (!sslmode.empty() && sslmode != "verify-full") {
      problems.add(
          format("IAM authentication needs sslmode verify-full, not {}: a token sent to "
                 "another server is lost",
                 sslmode));
    }
    settings.iam = resolve_iam(settings.params, host, region, environment, problems);
    require_tls(settings.params, flags, environment, problems);
  } else if (is_rds && sslmode.empty()) {
    require_tls(settings.params, flags, environment, problems);
  } else if (flags.rds_ca) {
    settings.params.set("sslrootcert", find_bundle(settings.params, flags, environment, problems));
  }
  return settings;
}

void check_port(const postgres::ConnParams& params, Problems& problems) {
  const std::string port = params.get("port");
  if (!port.empty() && !parse_port(port)) problems.add(format("the port is \"{}\"", port));
}

}  // namespace

DatabaseSettings resolve_source(const DatabaseFlags& flags, const Environment& environment,
                                Problems& problems) {
  postgres::ConnParams params;
  problems.collect([&] {
    if (flags.conninfo) params = postgres::ConnParams::parse(*flags.conninfo);
  });
  merge(params, "host", "--host", flags.host, {"POSTGRES_HOST", "PGHOST"}, environment, problems);
  merge(params, "port", "--port", flags.port, {"POSTGRES_PORT", "PGPORT"}, environment, problems);
  merge(params, "user", "--user", flags.user, {"POSTGRES_USER", "PGUSER"}, environment, problems);
  merge(params, "dbname", "--database", flags.database, {"POSTGRES_DATABASE", "PGDATABASE"},
        environment, problems);
  // A connection string or a service file may leave the rest to libpq; without one, a host or user
  // that nobody named is more likely forgotten.
  const bool libpq_knows = flags.conninfo || environment.get("PGSERVICE");
  const auto require = [&](const char* keyword, const char* what) {
    if (params.get(keyword).empty()) problems.add(format("{}", what));
  };
  require("dbname", "the database is missing: POSTGRES_DATABASE, or --database");
  if (!libpq_knows) {
    require("host", "the database's host is missing: POSTGRES_HOST, or --host");
    require("user", "the database's user is missing: POSTGRES_USER, or --user");
  }
  check_port(params, problems);
  return with_authentication(std::move(params), flags, environment, problems);
}

DatabaseSettings resolve_target(const std::string& conninfo, const DatabaseFlags& flags,
                                const Environment& environment, Problems& problems) {
  postgres::ConnParams params;
  problems.collect([&] { params = postgres::ConnParams::parse(conninfo); });
  if (effective(params, "dbname", "PGDATABASE", environment).empty() &&
      !environment.get("PGSERVICE") && params.get("service").empty()) {
    problems.add("--to names no database");
  }
  check_port(params, problems);
  return with_authentication(std::move(params), flags, environment, problems);
}

}  // namespace pgseal::cli
