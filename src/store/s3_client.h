#pragma once
// Single S3 requests: addressed, signed, sent, judged, and tried again.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "net/http_client.h"
#include "store/retry.h"
#include "store/s3_address.h"
#include "store/s3_xml.h"

namespace pgseal::store {

/// One bucket. Safe for use from any thread. All errors are of `Exit::storage` and carry S3's code,
/// message, request id and host id.
///
/// What is tried again: no or broken answers, HTTP 408, 429, 500, 502, 503, 504, and the codes
/// SlowDown, RequestTimeout, InternalError, OperationAborted, ConditionalRequestConflict. Where S3
/// says that the credentials have expired, once more at once with fresh ones.
class S3Client final {
 public:
  struct Call {
    std::string action;      ///< for messages: "put"
    std::string permission;  ///< what IAM has to allow: "s3:PutObject"
    std::string method = "GET";
    std::string key{};  ///< whole, with the store's prefix; "" is the bucket itself
    aws::NamedValues query{};
    aws::NamedValues headers{};
    bool creates_object = false;                  ///< it gets the headers of S3Options::objects
    ByteView body{};                              ///< not owned
    std::optional<crypto::Digest> body_sha256{};  ///< computed where absent
    /// The outermost element that the answer of status 200 must have. Anything else is a failure:
    /// S3 may answer 200 and send an error after all.
    std::string root_element{};
    /// Statuses that are returned as 2xx are; all others are thrown.
    std::vector<int> expected_statuses{};
    int tries = 0;                         ///< 0: the policy's
    std::chrono::milliseconds timeout{0};  ///< of each try; 0: HttpClient's stall limit only
    /// False: a stop is heard between tries only, since what S3 did meanwhile would be lost.
    bool interruptible = true;
  };

  struct Answer {
    net::Response response;
    int tries = 1;
    S3ErrorBody error;  ///< where it is not ok()
    [[nodiscard]] bool ok() const { return response.status >= 200 && response.status < 300; }
    [[nodiscard]] std::string_view body() const { return as_text(response.body); }
  };

  /// Throws Error of `Exit::usage` where bucket, region or endpoint cannot be. The references must
  /// outlive the client.
  S3Client(const S3Options& options, aws::CredentialProvider& credentials, net::HttpClient& http,
           const Clock& clock);

  [[nodiscard]] Answer send(const Call& call, const std::stop_token& stop);

  /// The Error for an answer of an expected status that the caller did not want after all.
  [[nodiscard]] Error failure(const Call& call, const Answer& answer) const;
  /// Whose an object is that is there but that we may not look at.
  enum class Unseen { anybodys, ours };
  /// For the refusal of a call that stores an object: returns only where the refusal came after
  /// several tries and the object is there with `checksum` (as S3 writes it), stored by an earlier
  /// try whose answer was lost; where we may not look, `unseen` decides. Otherwise, and where the
  /// dialect has no checksums, throws the failure.
  void require_stored(const Call& call, const Answer& answer, const std::string& checksum,
                      Unseen unseen, const std::stop_token& stop);
  /// `cannot put "s3://bucket/key"`
  [[nodiscard]] std::string describe(const Call& call) const;
  /// "s3://bucket/key"
  [[nodiscard]] std::string url(const std::string& key) const;
  [[nodiscard]] const S3Dialect& dialect() const { return dialect_; }
  [[nodiscard]] std::uint64_t retries() const { return retrier_.retries(); }

 private:
  Answer attempt(const Call& call, const std::string& payload_sha256, bool& refreshed,
                 const std::stop_token& stop);
  net::Response send_signed(const Call& call, const std::string& payload_sha256,
                            const std::stop_token& stop);
  [[nodiscard]] Error error_of(const Call& call, const Answer& answer) const;

  std::string bucket_;
  S3Address address_;
  S3Dialect dialect_;
  aws::NamedValues object_headers_, request_headers_;
  RetryPolicy retry_;
  aws::CredentialProvider& credentials_;
  net::HttpClient& http_;
  const Clock& clock_;
  Retrier retrier_;
};

}  // namespace pgseal::store
