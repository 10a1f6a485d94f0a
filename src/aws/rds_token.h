#pragma once
// The password with which IAM lets one into an RDS database.
// Source: AWS, "IAM database authentication"; judged by botocore's `generate_db_auth_token`.

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

}  // namespace pgseal::aws
