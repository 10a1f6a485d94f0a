#pragma once
// Where a bucket is reached.

#include <string>

#include "store/retry.h"
#include "store/s3_object_options.h"

namespace pgseal::store {

enum class Addressing {
  automatic,       ///< virtual-hosted at AWS where the bucket's name allows it, else by path
  path,            ///< https://host/bucket/key
  virtual_hosted,  ///< https://bucket.host/key
};

struct S3Options {
  std::string bucket;
  std::string prefix{};    ///< verbatim; keys are "prefix/key", or "key" where it is ""
  std::string region{};    ///< must be given for AWS; "us-east-1" stands in for it elsewhere
  std::string endpoint{};  ///< "http://host:port"; "" is AWS's for the region
  Addressing addressing = Addressing::automatic;
  RetryPolicy retry{};
  S3ObjectOptions objects{};
  S3RequestOptions requests{};
};

struct S3Address {
  std::string region;
  std::string scheme;  ///< "https://"
  std::string host;    ///< with ":port" where the endpoint has one
  std::string path;    ///< of the bucket: "" or "/bucket"
};

/// Throws Error of `Exit::usage` where bucket, region or endpoint cannot be.
/// Source: AWS, "Virtual hosting of general purpose buckets".
[[nodiscard]] S3Address s3_address(const S3Options& options);

}  // namespace pgseal::store
