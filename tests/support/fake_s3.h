#pragma once
// A small S3 in memory, for faults. What S3 really does is asked of S3Gateway.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/scripted_http_server.h"

namespace pgseal::test {

/// One bucket, by path or in the host's name; any other is NoSuchBucket. PutObject (If-None-Match:
/// *), GetObject (Range, If-Match), HeadObject, DeleteObject(s), ListObjectsV2 with pages, and
/// multipart uploads. It has no versions, no object lock, no lifecycle and no policy, and says so.
/// A checksum of SHA-256 that came with an object is given back, unchecked. Signatures are not
/// checked; `requests()` has the Authorization headers as they came.
class FakeS3 final {
 public:
  struct Object {
    std::string content;                         ///< empty where bodies are not kept
    std::uint64_t size = 0;                      ///< bytes
    std::string etag;                            ///< with its quotation marks
    std::map<std::string, std::string> headers;  ///< of the request that created it
  };

  using Fault = std::function<std::optional<HttpReply>(const HttpRequest&)>;

  struct Options {
    std::string bucket = "bucket";
    /// False keeps sizes only, so that gigabytes can be uploaded.
    bool keep_content = true;
    /// A page of a listing is at most so long, whatever the request allows.
    std::size_t max_keys = 1000;
    Fault fault{};  ///< see `set_fault()`
    /// How long an answer stays away after what it tells was done.
    std::function<std::chrono::milliseconds(const HttpRequest&)> delay{};
    /// Whether an answer is lost: what it tells was done, and the connection ends without it.
    std::function<bool(const HttpRequest&)> lose_answer{};
    /// See ScriptedHttpServer::Options.
    std::function<std::optional<std::uint64_t>(const HttpRequest&)> cut_body_after{};
  };

  FakeS3();
  explicit FakeS3(Options options);
  ~FakeS3();

  [[nodiscard]] std::string url() const;  ///< the endpoint, without the bucket
  [[nodiscard]] std::string bucket() const;
  [[nodiscard]] std::map<std::string, Object> objects() const;
  /// Called before anything else from now on, on several threads at once; an answer here stands in
  /// for ours.
  void set_fault(Fault fault);
  /// Puts an object there without a request.
  void add_object(const std::string& key, const std::string& content);
  /// Upload ids and keys of multipart uploads neither completed nor aborted.
  [[nodiscard]] std::map<std::string, std::string> open_uploads() const;
  /// How many uploads were aborted.
  [[nodiscard]] int aborted_uploads() const;
  [[nodiscard]] std::vector<HttpRequest> requests() const;
  /// For `release()`, `connections()`, `wait_for_requests()`.
  [[nodiscard]] ScriptedHttpServer& server();

  /// An S3 error answer: `<Error><Code>...`. Status 200 is allowed, as Complete does it.
  [[nodiscard]] static HttpReply error(int status, const std::string& code,
                                       const std::string& message = "as the test wishes");

 private:
  class Bucket;
  std::unique_ptr<Bucket> state_;
  std::unique_ptr<ScriptedHttpServer> server_;  // last, so that its threads end first
};

/// Which S3 operation a request is: "PutObject", "UploadPart", "CompleteMultipartUpload", ...;
/// "" for none that FakeS3 knows.
[[nodiscard]] std::string s3_operation(const HttpRequest& request);

}  // namespace pgseal::test
