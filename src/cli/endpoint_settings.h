#pragma once
// How AWS and other servers of its kind are reached: what of it people may choose.

#include <string>

#include "cli/configuration.h"
#include "net/http_client.h"

namespace pgseal::cli {

/// A problem where `endpoint` is of plain HTTP, on another machine, and nobody allowed it.
void require_protected(const std::string& endpoint, Configuration& configuration);
/// Whom we trust, as it is set or as AWS's profile has it, and how patient we are. A problem where
/// the file of authorities cannot be read.
[[nodiscard]] net::HttpClient::Options resolve_http(Configuration& configuration);

}  // namespace pgseal::cli
