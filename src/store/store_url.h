#pragma once
// How people name a store.

#include <string>
#include <string_view>

namespace pgseal::store {

/// Where a store is: a directory, or a prefix in an S3 bucket.
struct StoreUrl {
  enum class Kind { directory, s3 };
  Kind kind = Kind::directory;
  std::string directory{};  ///< absolute, without a slash at its end
  std::string bucket{};
  std::string prefix{};    ///< "" is the bucket's root
  std::string region{};    ///< "" where the URL does not say
  std::string endpoint{};  ///< "http://host:port"; "" is AWS's
};

/// Reads `file:///directory` and `s3://bucket/prefix?region=...&endpoint=...`, where an access
/// point's ARN (`arn:...:accesspoint/NAME`) may stand for the bucket. Paths are taken as they
/// stand, nothing is percent-decoded. Throws Error of `Exit::usage`.
[[nodiscard]] StoreUrl parse_store_url(std::string_view text);

/// Throws Error of `Exit::usage` unless `bucket` can be a bucket's name: 3 to 63 letters, digits,
/// "." and "-" (AWS, "General purpose bucket naming rules"); old buckets and other servers also
/// have upper case, "_", and up to 255. Or an access point's ARN.
void require_valid_bucket(const std::string& bucket);
/// Throws Error of `Exit::usage` unless `region` is of lower-case letters, digits and "-".
void require_valid_region(const std::string& region);

}  // namespace pgseal::store
