#pragma once
// What a bucket tells about itself, and what somebody may do in it.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/s3_client.h"

namespace pgseal::store {

/// A bucket and its settings, for who looks after them; objects are for S3Store. All errors are of
/// `Exit::storage`, and have the HTTP status of a refusal: 403 where the role may not ask. Safe for
/// use from any thread.
/// Source: AWS, "Amazon S3 API Reference", the operations that are named.
class S3Bucket final {
 public:
  /// Throws Error of `Exit::usage` where bucket, region or endpoint cannot be. The references must
  /// outlive it.
  S3Bucket(const S3Options& options, aws::CredentialProvider& credentials, net::HttpClient& http,
           const Clock& clock);

  struct Reached {
    bool may_list = false;
    std::optional<TimePoint> time{};  ///< S3's; to the second
    std::string region{};             ///< where it lies: the one that was asked, or S3's correction
  };
  /// Asks for one key below the prefix (ListObjectsV2). That it may not be listed is no Error.
  [[nodiscard]] Reached reach(const std::stop_token& stop);

  /// "Enabled", "Suspended", or "" where it never had versions (GetBucketVersioning).
  [[nodiscard]] std::string versioning(const std::stop_token& stop);
  struct ObjectLock {
    bool enabled = false;
    std::string default_mode{};  ///< of objects that come without: "COMPLIANCE", "GOVERNANCE", ""
  };
  /// GetObjectLockConfiguration.
  [[nodiscard]] ObjectLock object_lock(const std::stop_token& stop);
  /// After how many days a rule aborts unfinished uploads below the prefix; nothing where none does
  /// (GetBucketLifecycleConfiguration).
  [[nodiscard]] std::optional<int> days_until_abort(const std::stop_token& stop);
  struct Upload {
    std::string key;  ///< whole
    std::string id;
    TimePoint started;
  };
  /// Those below the prefix that are neither completed nor aborted, 1,000 at most
  /// (ListMultipartUploads).
  [[nodiscard]] std::vector<Upload> unfinished_uploads(const std::stop_token& stop);
  /// Whether its policy lets everybody in (GetBucketPolicyStatus).
  [[nodiscard]] bool is_public(const std::stop_token& stop);

  // Rights, found out by trying; `key` is relative to the prefix.
  /// Whether the object may be read. Of one that is not there, true is certain: only who may read
  /// and list is told so.
  [[nodiscard]] bool may_read(const std::string& key, const std::stop_token& stop);
  /// Removes the object, where that is allowed. With versions, it only hides it.
  [[nodiscard]] bool may_remove(const std::string& key, const std::stop_token& stop);
  /// Puts `content`, whether or not an object has this key, where that is allowed.
  [[nodiscard]] bool may_overwrite(const std::string& key, ByteView content,
                                   const std::stop_token& stop);
  /// Puts something with the checksum of something else, where S3 does not mind.
  [[nodiscard]] bool takes_damaged(const std::string& key, const std::stop_token& stop);

 private:
  /// GET of one of the bucket's settings; "" where it has none, which S3 says by 404 and
  /// `none_code`. The outermost element must be `root`.
  [[nodiscard]] std::string setting(const char* what, const char* permission, const char* parameter,
                                    const char* root, const char* none_code,
                                    const std::stop_token& stop);
  [[nodiscard]] S3Client::Call put_call(const std::string& key, ByteView content,
                                        ByteView announced) const;

  std::string prefix_;  // with its slash, or ""
  S3Client client_;
};

}  // namespace pgseal::store
