#pragma once
// What S3 is told to do with the objects that are written, and who is meant to own the bucket.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/sigv4.h"
#include "base/clock.h"

namespace pgseal::store {

/// Headers of PutObject and CreateMultipartUpload. What is empty is left to the bucket. Needs
/// s3:PutObjectRetention with a lock, s3:PutObjectLegalHold, s3:PutObjectTagging with tags, and
/// kms:GenerateDataKey and kms:Decrypt with a KMS key.
/// Source: AWS, "PutObject", "Locking objects with Object Lock".
struct S3ObjectOptions {
  std::string storage_class{};  ///< "STANDARD_IA"
  std::string encryption{};     ///< "AES256", "aws:kms"
  std::string kms_key{};        ///< id or ARN; "" is AWS's own
  bool bucket_key = false;
  std::string lock_mode{};  ///< "COMPLIANCE", "GOVERNANCE"
  std::optional<TimePoint> lock_until{};
  bool legal_hold = false;
  std::vector<std::pair<std::string, std::string>> tags{};

  [[nodiscard]] aws::NamedValues headers() const;
};

/// Headers of every request.
struct S3RequestOptions {
  std::string expected_bucket_owner{};  ///< an account's 12 digits: another's bucket is refused
  bool requester_pays = false;

  [[nodiscard]] aws::NamedValues headers() const;
};

/// "35d", "12h", "8w" from `now` on, or a time of `parse_utc()`. Nothing where it is neither, or is
/// not in the future.
[[nodiscard]] std::optional<TimePoint> parse_lock_until(const std::string& text, TimePoint now);

}  // namespace pgseal::store
