#pragma once
// Where a bucket is reached.

#include <string>

#include "aws/partition.h"
#include "base/retry.h"
#include "store/s3_dialect.h"
#include "store/s3_object_options.h"

namespace pgseal::store {

enum class Addressing {
  automatic,       ///< virtual-hosted at AWS, elsewhere by path
  path,            ///< https://host/bucket/key
  virtual_hosted,  ///< https://bucket.host/key, where the names of bucket and host allow it
};

struct S3Options {
  std::string bucket;                 ///< a bucket's name, or an access point's alias or ARN
  std::string prefix{};               ///< verbatim; keys are "prefix/key", or "key" where it is ""
  std::string region{};               ///< must be given for a bucket of AWS; "us-east-1" elsewhere
  std::string endpoint{};             ///< "http://host:port"; "" is AWS's for the region
  aws::EndpointKind endpoint_kind{};  ///< of AWS's endpoint
  Addressing addressing = Addressing::automatic;
  RetryPolicy retry{};
  S3Dialect dialect{};
  S3ObjectOptions objects{};
  S3RequestOptions requests{};
};

struct S3Address {
  std::string region;
  std::string scheme;  ///< "https://"
  std::string host;    ///< with ":port" where the endpoint has one
  std::string path;    ///< of the bucket: "" or "/bucket"
};

/// An access point is always in the host's name, and its own region counts. Throws Error of
/// `Exit::usage` where bucket, region or endpoint cannot be.
/// Source: AWS, "Virtual hosting of general purpose buckets"; judged by botocore.
[[nodiscard]] S3Address s3_address(const S3Options& options);

}  // namespace pgseal::store
