#pragma once
// The certificates with which servers of RDS are verified.

#include <string>

#include "cli/configuration.h"

namespace pgseal::cli {

/// `given`, or where they are found for the partition of `region` ("" where that is not known):
/// each of AWS's partitions has authorities of its own. "" and a problem where they are nowhere, or
/// where `given` cannot be read.
[[nodiscard]] std::string find_rds_certificates(const std::string& given, const std::string& region,
                                                Configuration& configuration);
/// The command that puts those of the partition of `region` to `path`.
[[nodiscard]] std::string get_rds_certificates(const std::string& region, const std::string& path);

}  // namespace pgseal::cli
