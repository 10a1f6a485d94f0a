#pragma once
// What the environment, and the files that it names, say of AWS; in the names that AWS's tools
// have.

#include <optional>
#include <string>

#include "aws/credentials.h"
#include "aws/partition.h"
#include "aws/sts.h"
#include "cli/configuration.h"

namespace pgseal::cli {

/// What the credential chain needs to know.
[[nodiscard]] aws::ChainOptions chain_options(const Environment& environment);

/// What the chosen profile says beside credentials. A problem where its file cannot be understood.
[[nodiscard]] aws::ProfileSettings aws_profile(Configuration& configuration);

/// Where a value is from that the profile has.
inline constexpr const char* kProfileOrigin = "the profile of AWS's tools";

/// Whether AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or the profile, say so; a problem
/// where a variable is neither "true" nor "false".
[[nodiscard]] aws::EndpointKind resolve_endpoint_kind(Configuration& configuration);

struct AwsRegion {
  std::string name;
  std::string origin;  ///< "variable AWS_REGION"
};
/// The region that AWS's tools are told: AWS_REGION, AWS_DEFAULT_REGION, or the profile's.
[[nodiscard]] std::optional<AwsRegion> aws_region(Configuration& configuration);

/// Where S3 is reached, where AWS's tools are told: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or the
/// profile's. "" is AWS's own.
[[nodiscard]] std::string s3_endpoint(Configuration& configuration);
/// The same of STS, and its region.
[[nodiscard]] aws::StsOptions sts_options(Configuration& configuration);

}  // namespace pgseal::cli
