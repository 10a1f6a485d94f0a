#include "aws/partition.h"

#include <array>
#include <string_view>

#include "base/format.h"

namespace pgseal::aws {

namespace {

struct Partition {
  std::string_view region_prefix;
  std::string_view name, dns_suffix, dual_stack_suffix;
};

/// The first that fits; the last fits every region.
constexpr std::array kPartitions = {
    Partition{"cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    Partition{"us-gov-", "aws-us-gov", "amazonaws.com", "api.aws"},
    Partition{"eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"},
    Partition{"", "aws", "amazonaws.com", "api.aws"},
};

const Partition& partition_of(std::string_view region) {
  const auto* found = kPartitions.begin();
  while (!region.starts_with(found->region_prefix)) ++found;
  return *found;
}

}  // namespace

bool is_region(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::string partition(const std::string& region) { return std::string(partition_of(region).name); }

std::string dns_suffix(const std::string& region) {
  return std::string(partition_of(region).dns_suffix);
}

std::string service_host(const std::string& service, const std::string& region, EndpointKind kind) {
  const Partition& where = partition_of(region);
  // The common endpoint of GovCloud's STS is a validated one.
  const bool is_fips_anyway = service == "sts" && where.name == "aws-us-gov" && !kind.dual_stack;
  return format("{}{}.{}.{}", service, kind.fips && !is_fips_anyway ? "-fips" : "", region,
                kind.dual_stack ? where.dual_stack_suffix : where.dns_suffix);
}

}  // namespace pgseal::aws
