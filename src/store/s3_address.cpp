#include "store/s3_address.h"

#include <algorithm>

#include "aws/partition.h"
#include "base/error.h"
#include "base/format.h"
#include "store/store_url.h"

namespace pgseal::store {

namespace {

/// Dots would not match the certificate's "*", upper case is no host name.
bool fits_into_host_name(const std::string& bucket) {
  return std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string aws_endpoint(const std::string& region) {
  return "https://" + aws::service_host("s3", region);
}

}  // namespace

S3Address s3_address(const S3Options& options) {
  require_valid_bucket(options.bucket);
  if (options.region.empty() && options.endpoint.empty()) {
    throw Error(Exit::usage, format("no region is known for the bucket \"{}\"", options.bucket))
        .with_hint("give the region in which the bucket lies");
  }
  S3Address address;
  address.region = options.region.empty() ? "us-east-1" : options.region;
  require_valid_region(address.region);
  const bool at_aws = options.endpoint.empty();
  const std::string endpoint = at_aws ? aws_endpoint(address.region) : options.endpoint;
  require_valid_endpoint(endpoint);
  const std::size_t host = endpoint.find("://") + 3;
  const std::size_t path = std::min(endpoint.find('/', host), endpoint.size());
  address.scheme = endpoint.substr(0, host);
  address.host = endpoint.substr(host, path - host);
  address.path = endpoint.substr(path);
  while (address.path.ends_with('/')) address.path.pop_back();
  if (options.addressing == Addressing::virtual_hosted ||
      (options.addressing == Addressing::automatic && at_aws &&
       fits_into_host_name(options.bucket))) {
    address.host = options.bucket + "." + address.host;
  } else {
    address.path += "/" + options.bucket;
  }
  return address;
}

}  // namespace pgseal::store
