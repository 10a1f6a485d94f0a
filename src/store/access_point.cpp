#include "store/access_point.h"

#include <algorithm>
#include <array>

#include "aws/partition.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::store {

namespace {

Error refused(std::string_view arn, const char* why) {
  return Error(Exit::usage, format("cannot use \"{}\" as a bucket: {}", arn, why))
      .with_hint("an access point is arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME");
}

bool is_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

std::optional<AccessPoint> parse_access_point(std::string_view bucket) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kName =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  constexpr std::string_view kKind = "accesspoint";
  constexpr std::size_t kLongestName = 63;
  if (!bucket.starts_with("arn:")) return std::nullopt;

  // arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
  std::array<std::string_view, 5> fields;
  std::string_view resource = bucket;
  for (std::string_view& field : fields) {
    field = resource.substr(0, resource.find(':'));
    resource.remove_prefix(std::min(field.size() + 1, resource.size()));
  }
  const auto& [arn, partition, service, region, account] = fields;
  if (service != "s3") throw refused(bucket, "it is not of the service s3");
  if (!resource.starts_with(kKind)) throw refused(bucket, "it is no access point");
  resource.remove_prefix(kKind.size());
  if (!resource.starts_with('/') && !resource.starts_with(':')) {
    throw refused(bucket, "it names no access point");
  }
  const std::string_view name = resource.substr(1);
  if (region.empty()) throw refused(bucket, "Multi-Region access points are not supported");
  if (!aws::is_region(region)) throw refused(bucket, "its region cannot be one");
  if (partition != aws::partition(std::string(region))) {
    throw refused(bucket, "its region is not of its partition");
  }
  if (account.size() != 12 || !is_of(account, kDigits)) {
    throw refused(bucket, "its account is not of 12 digits");
  }
  if (name.size() > kLongestName || !is_of(name, kName)) {
    throw refused(bucket, "its name may have letters, digits and \"-\", 63 at most");
  }
  return AccessPoint{
      .region = std::string(region), .account = std::string(account), .name = std::string(name)};
}

}  // namespace pgseal::store
