#pragma once
// Which database, and how one gets in.

#include <optional>
#include <string>

#include "cli/configuration.h"
#include "postgres/conn_params.h"

namespace pgseal::cli {

/// What IAM authentication needs.
struct IamSettings {
  std::string host, user, region;
  int port = 5432;
};

struct DatabaseSettings {
  postgres::ConnParams params;
  std::optional<IamSettings> iam;  ///< absent: a password, or none
};

/// The database to back up: its parts, and for what they leave open `dbname`. Of a part that both
/// have, the stronger is taken; equally strong ones that differ are a problem.
[[nodiscard]] DatabaseSettings resolve_source(Configuration& configuration);

/// The database to restore into: a connection string, and libpq's variables for what it leaves
/// open. Host, port, user and database of the configuration name the source, and so are not looked
/// at.
[[nodiscard]] DatabaseSettings resolve_target(const std::string& conninfo,
                                              Configuration& configuration);

}  // namespace pgseal::cli
