#include "store/s3_address.h"

#include <algorithm>

#include "aws/partition.h"
#include "base/error.h"
#include "base/format.h"
#include "net/host.h"
#include "store/access_point.h"
#include "store/store_url.h"

namespace pgseal::store {

namespace {

/// Dots would not match the certificate's "*", upper case is no host name.
bool fits_into_host_name(const std::string& bucket) {
  return std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string aws_endpoint(const std::string& service, const std::string& region,
                         aws::EndpointKind kind) {
  if (kind.fips && aws::partition(region) == "aws-cn") {
    throw Error(Exit::usage, format("S3 has no FIPS endpoint in {}", region))
        .with_hint("take AWS_USE_FIPS_ENDPOINT away");
  }
  return format("https://{}{}{}.{}.{}", service, kind.fips ? "-fips" : "",
                kind.dual_stack ? ".dualstack" : "", region, aws::dns_suffix(region));
}

S3Address take_apart(const std::string& endpoint) {
  net::require_endpoint(endpoint, "S3");
  const std::size_t host = endpoint.find("://") + 3;
  const std::size_t path = std::min(endpoint.find('/', host), endpoint.size());
  S3Address address;
  address.scheme = endpoint.substr(0, host);
  address.host = endpoint.substr(host, path - host);
  address.path = endpoint.substr(path);
  while (address.path.ends_with('/')) address.path.pop_back();
  return address;
}

S3Address address_of(const AccessPoint& point, const S3Options& options) {
  const std::string endpoint =
      options.endpoint.empty() ? aws_endpoint("s3-accesspoint", point.region, options.endpoint_kind)
                               : options.endpoint;
  S3Address address = take_apart(endpoint);
  if (net::is_address(net::host_of(endpoint))) {
    throw Error(Exit::usage, format("cannot reach \"{}\" at \"{}\": an access point's name stands "
                                    "before that of the host, and this is an address",
                                    options.bucket, endpoint))
        .with_hint("name the endpoint's host");
  }
  address.host = format("{}-{}.{}", point.name, point.account, address.host);
  address.region = point.region;
  return address;
}

S3Address address_of_bucket(const S3Options& options) {
  if (options.region.empty() && options.endpoint.empty()) {
    throw Error(Exit::usage, format("no region is known for the bucket \"{}\"", options.bucket))
        .with_hint("give the region in which the bucket lies");
  }
  const std::string region = options.region.empty() ? "us-east-1" : options.region;
  require_valid_region(region);
  const bool at_aws = options.endpoint.empty();
  const std::string endpoint =
      at_aws ? aws_endpoint("s3", region, options.endpoint_kind) : options.endpoint;
  S3Address address = take_apart(endpoint);
  address.region = region;
  const bool wanted_in_host = options.addressing == Addressing::virtual_hosted ||
                              (options.addressing == Addressing::automatic && at_aws);
  if (wanted_in_host && fits_into_host_name(options.bucket) &&
      !net::is_address(net::host_of(endpoint))) {
    address.host = options.bucket + "." + address.host;
    return address;
  }
  if (at_aws && options.endpoint_kind.fips) {
    throw Error(Exit::usage, format("cannot reach the bucket \"{}\" at a FIPS endpoint: those take "
                                    "buckets in the host's name only",
                                    options.bucket))
        .with_hint(
            "use a bucket of lower-case letters, digits and hyphens, and no path addressing");
  }
  address.path += "/" + options.bucket;
  return address;
}

}  // namespace

S3Address s3_address(const S3Options& options) {
  require_valid_bucket(options.bucket);
  const auto point = parse_access_point(options.bucket);
  return point ? address_of(*point, options) : address_of_bucket(options);
}

}  // namespace pgseal::store
