#include "store/s3_client.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"

namespace pgseal::store {

namespace {

bool contains(const std::vector<std::string_view>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool may_go_better(int status, std::string_view code) {
  static const std::vector<int> kStatuses = {408, 429, 500, 502, 503, 504};
  static const std::vector<std::string_view> kCodes = {"SlowDown", "RequestTimeout",
                                                       "InternalError", "OperationAborted",
                                                       "ConditionalRequestConflict"};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end() ||
         contains(kCodes, code);
}

bool are_credentials_stale(std::string_view code) {
  return contains({"ExpiredToken", "TokenRefreshRequired", "InvalidToken"}, code);
}

/// What a person can do; "" where we know nothing.
std::string hint_for(const S3Client::Call& call, const S3Client::Answer& answer,
                     const std::string& bucket) {
  const std::string_view code = answer.error.code;
  const int status = answer.response.status;
  std::string region = answer.response.header("x-amz-bucket-region");
  if (region.empty()) region = answer.error.region;
  if (code == "AccessDenied" || (status == 403 && code.empty())) {
    return format("{} on \"{}/{}\" has to be allowed, and nothing may deny it", call.permission,
                  bucket, call.key);
  }
  if (code == "NoSuchBucket") return "make the bucket, or correct its name or the endpoint";
  if (status == 412 && call.method == "GET") return "the object was replaced while it was read";
  if (status == 412) return "objects are never overwritten; has another backup the same name?";
  if ((code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed") && !region.empty()) {
    return format("the bucket lies in region {}", region);
  }
  if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch") {
    return "check the access key, its secret and the endpoint";
  }
  if (code == "RequestTimeTooSkewed") return "set this machine's clock";
  if (code == "NotImplemented" || status == 501) {
    return "the server does not know what was asked, or a header of it: doc/s3-compatible.md has "
           "the settings that leave some out";
  }
  return "";
}

}  // namespace

S3Client::S3Client(const S3Options& options, aws::CredentialProvider& credentials,
                   net::HttpClient& http, const Clock& clock)
    : bucket_(options.bucket),
      address_(s3_address(options)),
      dialect_(options.dialect),
      object_headers_(options.objects.headers()),
      request_headers_(options.requests.headers()),
      retry_(options.retry),
      credentials_(credentials),
      http_(http),
      clock_(clock),
      retrier_(clock) {}

std::string S3Client::url(const std::string& key) const {
  return format("s3://{}/{}", bucket_, key);
}

std::string S3Client::describe(const Call& call) const {
  return format("cannot {} \"{}\"", call.action, url(call.key));
}

S3Client::Answer S3Client::send(const Call& call, const std::stop_token& stop) {
  RetryPolicy policy = retry_;
  if (call.tries != 0) policy.tries = call.tries;
  const std::string payload_sha256 =
      to_hex(call.body_sha256 ? *call.body_sha256 : crypto::sha256(call.body));
  bool refreshed = false;
  return retrier_.run(policy, describe(call), stop, [&](int number) {
    Answer answer = attempt(call, payload_sha256, refreshed, stop);
    answer.tries = number;
    return answer;
  });
}

S3Client::Answer S3Client::attempt(const Call& call, const std::string& payload_sha256,
                                   bool& refreshed, const std::stop_token& stop) {
  for (;;) {
    Answer answer{.response = send_signed(call, payload_sha256, stop), .tries = 1, .error = {}};
    const int status = answer.response.status;
    const bool as_wanted = call.root_element.empty() || status != 200 ||
                           root_element(answer.body()) == call.root_element;
    if (answer.ok() && as_wanted) return answer;
    answer.error = parse_error_body(answer.body());
    if (std::find(call.expected_statuses.begin(), call.expected_statuses.end(), status) !=
        call.expected_statuses.end()) {
      return answer;
    }
    if (!are_credentials_stale(answer.error.code) || refreshed) throw error_of(call, answer);
    log::info("{}: {}; trying again with fresh credentials", describe(call), answer.error.code);
    refreshed = true;
    retrier_.count();
    credentials_.invalidate();
  }
}

net::Response S3Client::send_signed(const Call& call, const std::string& payload_sha256,
                                    const std::stop_token& stop) {
  std::string path = address_.path;
  if (!call.key.empty() || path.empty()) path += "/" + aws::uri_escape(call.key, true);
  aws::NamedValues headers = call.headers;
  if (call.creates_object) {
    headers.insert(headers.end(), object_headers_.begin(), object_headers_.end());
  }
  headers.insert(headers.end(), request_headers_.begin(), request_headers_.end());
  const aws::SigningRequest to_sign{.method = call.method,
                                    .host = address_.host,
                                    .path = path,
                                    .query = call.query,
                                    .headers = std::move(headers),
                                    .payload_sha256 = payload_sha256};
  const aws::SigningScope scope{.region = address_.region,
                                .service = "s3",
                                .path = aws::SignedPath::as_sent,
                                .content_sha256 = true};
  net::Request request;
  request.method = call.method;
  request.url = address_.scheme + address_.host + path;
  if (!call.query.empty()) request.url += "?" + aws::query_string(call.query);
  request.headers = aws::sign_headers(to_sign, scope, credentials_.get(stop), clock_.now());
  request.body = call.body;
  request.timeout = call.timeout;
  if (stop.stop_requested()) throw Cancelled();
  return http_.send(request, call.interruptible ? stop : std::stop_token());
}

Error S3Client::failure(const Call& call, const Answer& answer) const {
  Error error = error_of(call, answer);
  error.add_context(describe(call));
  return error;
}

void S3Client::require_stored(const Call& call, const Answer& answer, const std::string& checksum,
                              Unseen unseen, const std::stop_token& stop) {
  if (answer.tries == 1) throw failure(call, answer);
  const Answer found = send({.action = "look at",
                             .permission = "s3:GetObject",
                             .method = "HEAD",
                             .key = call.key,
                             .headers = {{"x-amz-checksum-mode", "ENABLED"}},
                             .expected_statuses = {400, 403, 404, 405}},
                            stop);
  const bool is_ours =
      found.response.status == 403 && answer.response.status == 412 && unseen == Unseen::ours;
  if (!is_ours && (!found.ok() || found.response.header("x-amz-checksum-sha256") != checksum)) {
    throw failure(call, answer)
        .with_hint(
            "an earlier try, whose answer was lost, may have stored the object: look for it");
  }
  log::info("\"{}\" was stored by a try whose answer was lost", url(call.key));
}

Error S3Client::error_of(const Call& call, const Answer& answer) const {
  const S3ErrorBody& body = answer.error;
  const int status = answer.response.status;
  std::string text = body.code.empty() ? "no error code of S3's" : body.code;
  if (!body.message.empty()) text += ": " + body.message;
  text += format(" (HTTP {}", status);
  const std::string id = answer.response.header("x-amz-request-id");
  if (!id.empty() || !body.request_id.empty()) {
    text += ", request id " + (id.empty() ? body.request_id : id);
  }
  const std::string host_id = answer.response.header("x-amz-id-2");
  if (!host_id.empty()) text += ", host id " + host_id;
  Error error = Error(Exit::storage, text + ")")
                    .with_http_status(status)
                    .with_hint(hint_for(call, answer, bucket_));
  // A success that cannot be understood is most likely one that was cut.
  const bool unclear = body.code.empty() && answer.ok();
  return unclear || may_go_better(status, body.code) ? std::move(error).with_retry() : error;
}

}  // namespace pgseal::store
