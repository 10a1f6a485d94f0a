#pragma once
// The password with which IAM lets one into an RDS database, and what RDS host names tell.
// Source: AWS, "IAM database authentication"; judged by botocore's `generate_db_auth_token`.

#include <optional>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/secret.h"

namespace pgseal::aws {

/// A token that opens connections as `user` for 15 minutes from `now`; it is checked when
/// connecting only, so every connection asks for a fresh one. Signed here, nothing is sent.
[[nodiscard]] Secret rds_auth_token(const std::string& host, int port, const std::string& user,
                                    const std::string& region, const Credentials& credentials,
                                    TimePoint now);

/// Whether `host` is a name that RDS gives: instances, clusters, proxies, also in China.
[[nodiscard]] bool is_rds_host(const std::string& host);
/// The region in a name that RDS gives; nothing for other names and for global endpoints.
[[nodiscard]] std::optional<std::string> region_of_rds_host(const std::string& host);

}  // namespace pgseal::aws
