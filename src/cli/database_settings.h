#pragma once
// Which database, and how one gets in.

#include <optional>
#include <string>

#include "cli/environment.h"
#include "cli/problems.h"
#include "postgres/conn_params.h"

namespace pgseal::cli {

struct DatabaseFlags {
  std::optional<std::string> host{}, port{}, database{}, user{};
  std::optional<std::string> conninfo{};  ///< --dbname
  std::optional<std::string> region{}, auth{}, rds_ca{};
};

/// What IAM authentication needs.
struct IamSettings {
  std::string host, user, region;
  int port = 5432;
};

struct DatabaseSettings {
  postgres::ConnParams params;
  std::optional<IamSettings> iam;  ///< absent: a password, or none
};

/// The database to back up: flags, then `--dbname`, then the old image's variables, then libpq's.
[[nodiscard]] DatabaseSettings resolve_source(const DatabaseFlags& flags,
                                              const Environment& environment, Problems& problems);

/// The database to restore into: a connection string, and libpq's variables for what it leaves
/// open. The old image's variables name the source, and so are not looked at.
[[nodiscard]] DatabaseSettings resolve_target(const std::string& conninfo,
                                              const DatabaseFlags& flags,
                                              const Environment& environment, Problems& problems);

}  // namespace pgseal::cli
