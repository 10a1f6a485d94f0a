#pragma once
// A real S3 server, Ceph's RADOS Gateway, started by the script s3-gateway.

#include <memory>
#include <string>
#include <vector>

#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::test {

struct S3Keys {
  std::string id, secret;
};

struct S3User {
  std::string arn;
  S3Keys keys;
};

/// Actions of S3's policies, as "s3:GetObject".
struct S3Attempts {
  std::vector<std::string> allowed, refused;
};

/// boto3 as a client of any S3 server. Functions throw std::runtime_error with boto3's last words.
class S3Admin final {
 public:
  S3Admin(std::string endpoint, S3Keys keys)
      : endpoint_(std::move(endpoint)), keys_(std::move(keys)) {}

  void create_bucket(const std::string& bucket) const;
  /// With object lock, and so with versions.
  void create_locking_bucket(const std::string& bucket) const;
  /// Lock mode, end of the retention, legal hold, then tags as "key=value".
  [[nodiscard]] std::vector<std::string> describe_object(const std::string& bucket,
                                                         const std::string& key) const;
  /// Storage class, how it is encrypted ("aws:kms"), and by which key.
  [[nodiscard]] std::vector<std::string> describe_storage(const std::string& bucket,
                                                          const std::string& key) const;
  /// Deletes the object's current version, not only its name.
  void delete_version(const std::string& bucket, const std::string& key) const;
  /// A new IAM user who may do these actions in `bucket`, and nothing else; one for each bucket.
  [[nodiscard]] S3Keys create_writer_user(const std::string& bucket,
                                          const std::vector<std::string>& actions = {
                                              "s3:PutObject", "s3:AbortMultipartUpload"}) const;
  /// A new IAM user who may do what these policies, JSON, allow.
  [[nodiscard]] S3User create_user(const std::string& name,
                                   const std::vector<std::string>& policies) const;
  /// A new role that the user `trusted`, an ARN, may take on, and that may do what `policy` allows;
  /// its ARN.
  [[nodiscard]] std::string create_role(const std::string& name, const std::string& trusted,
                                        const std::string& policy) const;
  void put_bucket_policy(const std::string& bucket, const std::string& policy) const;
  /// Returns what the bucket has then, JSON.
  [[nodiscard]] std::string put_lifecycle(const std::string& bucket,
                                          const std::string& configuration) const;
  /// What these keys may do in the bucket, found out by trying (s3_attempts.py). `inside` and
  /// `outside` of a prefix are keys of objects, which are then lost where that is allowed; what is
  /// tried on the latter has " (outside)" behind its action.
  [[nodiscard]] S3Attempts attempts(const std::string& bucket, const std::string& inside,
                                    const std::string& outside) const;
  [[nodiscard]] std::vector<std::string> list_keys(const std::string& bucket) const;
  /// Keys of multipart uploads neither completed nor aborted.
  [[nodiscard]] std::vector<std::string> list_multipart_uploads(const std::string& bucket) const;
  /// Uploads the file `path`, in parts where it is longer than 8 MiB.
  void put_object(const std::string& bucket, const std::string& key, const std::string& path) const;
  /// Downloads an object to the file `path`.
  void get_object(const std::string& bucket, const std::string& key, const std::string& path) const;

 private:
  [[nodiscard]] std::vector<std::string> lines_of(std::vector<std::string> arguments) const;

  std::string endpoint_;
  S3Keys keys_;
};

/// Starts in the constructor (the first time on a machine it downloads Debian's packages into a
/// cache, $PGSEAL_CACHE or /var/tmp/pgseal-cache); needs root. All of it vanishes with this object,
/// and with the thread that made it. Throws std::runtime_error where it does not start.
class S3Gateway final {
 public:
  S3Gateway();
  S3Gateway(const S3Gateway&) = delete;
  S3Gateway& operator=(const S3Gateway&) = delete;
  ~S3Gateway();

  [[nodiscard]] std::string endpoint() const;  ///< "http://127.0.0.1:PORT"
  [[nodiscard]] static std::string region() { return "us-east-1"; }
  [[nodiscard]] static S3Keys root_keys() { return {"rootkey", "rootsecret123"}; }
  /// The server's root user.
  [[nodiscard]] S3Admin admin() const { return {endpoint(), root_keys()}; }

 private:
  TempDir directory_;
  int port_;
  RunningCommand supervisor_;
};

/// Why S3Gateway shall not run here; "" where it shall. It needs root, and because of its download,
/// outside CI, PGSEAL_TEST_S3_GATEWAY=1. See requirement.h.
[[nodiscard]] std::string why_no_s3_gateway();

}  // namespace pgseal::test
