#pragma once
// Single S3 requests: addressed, signed, sent, judged, and tried again.

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/retry.h"
#include "crypto/hash.h"
#include "net/http_client.h"
#include "store/request_limit.h"
#include "store/s3_address.h"
#include "store/s3_answer.h"

namespace pgseal::store {

/// One bucket. Safe for use from any thread. All errors are of `Exit::storage` and carry S3's code,
/// message, request id and host id.
///
/// What is tried again: no or broken answers, HTTP 408, 429, 500, 502, 503, 504, and the codes
/// SlowDown, RequestTimeout, InternalError, OperationAborted, ConditionalRequestConflict. 429, 503
/// and SlowDown also lower the number of requests on their way, which rises again slowly.
///
/// Once more at once, each of these once a call: with fresh credentials where S3 says that they
/// have expired; with S3's time where it says that ours is wrong; in the region that it names. The
/// last two are kept. The host changes with the region at AWS only: other servers have one for all.
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

  using Answer = S3Answer;

  /// Throws Error of `Exit::usage` where bucket, region or endpoint cannot be. The references must
  /// outlive the client.
  S3Client(const S3Options& options, aws::CredentialProvider& credentials, net::HttpClient& http,
           const Clock& clock);

  [[nodiscard]] Answer send(const Call& call, const std::stop_token& stop);

  /// The Error for an answer of an expected status that the caller did not want after all.
  [[nodiscard]] Error failure(const Call& call, const Answer& answer) const;
  /// Whose an object is that is there but that we may not look at, or whose checksum is not kept.
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
  /// The one that is asked from now on.
  [[nodiscard]] std::string region() const { return address().region; }
  [[nodiscard]] RetryCounts retries() const { return retrier_.retries(); }

 private:
  /// What was corrected for one call so far.
  struct Corrected {
    bool credentials = false, clock = false, region = false;
  };
  Answer attempt(const Call& call, const std::string& payload_sha256, Corrected& corrected,
                 const std::stop_token& stop);
  Answer exchange(const Call& call, const std::string& payload_sha256, const S3Address& address,
                  const std::stop_token& stop);
  net::Response send_signed(const Call& call, const std::string& payload_sha256,
                            const S3Address& address, const std::stop_token& stop);
  bool correct(const Call& call, const Answer& answer, const S3Address& asked,
               Corrected& corrected);
  bool correct_clock(const Answer& answer);
  bool correct_region(const Answer& answer, const S3Address& asked);
  [[nodiscard]] S3Address address() const;
  [[nodiscard]] Error error_of_call(const Call& call, const Answer& answer) const;

  std::string bucket_;
  mutable std::mutex mutex_;
  S3Options options_;  // guarded by mutex_, as the next; its region may be corrected
  S3Address address_;
  S3Dialect dialect_;
  std::atomic<std::chrono::seconds> clock_offset_{};  // S3's time less ours, once that was wrong
  aws::NamedValues object_headers_, request_headers_;
  RetryPolicy retry_;
  aws::CredentialProvider& credentials_;
  net::HttpClient& http_;
  const Clock& clock_;
  Retrier retrier_;
  RequestLimit limit_;
};

}  // namespace pgseal::store
