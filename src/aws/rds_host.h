#pragma once
// What the host names tell that RDS gives.
// Source: AWS, "Amazon Aurora endpoint connections", "Working with Amazon RDS Proxy endpoints".

#include <optional>
#include <string>

namespace pgseal::aws {

/// What answers behind a name that RDS gives.
enum class RdsEndpoint {
  server,   ///< one server: an instance, or whichever writes for a cluster
  several,  ///< another one for each connection: a cluster's reader endpoint, or a custom one
  proxy,    ///< RDS Proxy, which shares the servers' connections out
};

/// Nothing for a name that RDS does not give. The form of China's regions is known too.
[[nodiscard]] std::optional<RdsEndpoint> rds_endpoint_of(const std::string& host);
/// The region in a name that RDS gives; nothing for other names and for global endpoints.
[[nodiscard]] std::optional<std::string> region_of_rds_host(const std::string& host);

}  // namespace pgseal::aws
