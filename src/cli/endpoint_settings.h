#pragma once
// How AWS and other servers of its kind are reached: what of it people may choose.

#include <string>

#include "aws/partition.h"
#include "cli/configuration.h"

namespace pgseal::cli {

/// Whether AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT are "true"; a problem where they
/// are neither that nor "false".
[[nodiscard]] aws::EndpointKind resolve_endpoint_kind(Configuration& configuration);
/// A problem where `endpoint` is of plain HTTP, on another machine, and nobody allowed it.
void require_protected(const std::string& endpoint, Configuration& configuration);
/// A problem where a file of authorities is named that cannot be read.
void require_ca_bundle(Configuration& configuration);

}  // namespace pgseal::cli
