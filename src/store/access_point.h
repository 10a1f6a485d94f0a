#pragma once
// Access points of S3: other doors to a bucket, with policies of their own.

#include <optional>
#include <string>
#include <string_view>

namespace pgseal::store {

/// "arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME" in the place of a bucket's name. (An access
/// point's alias needs nothing: it is used as a bucket's name.)
struct AccessPoint {
  std::string region;
  std::string account;  ///< 12 digits
  std::string name;
};

/// Nothing where `bucket` is no ARN. Throws Error of `Exit::usage` where it is the ARN of something
/// that we cannot store into: of Multi-Region access points, Object Lambda, Outposts.
/// Source: AWS, "Access points restrictions and limitations".
[[nodiscard]] std::optional<AccessPoint> parse_access_point(std::string_view bucket);

}  // namespace pgseal::store
