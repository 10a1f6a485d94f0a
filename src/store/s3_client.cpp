#include "store/s3_client.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "net/host.h"
#include "net/http_time.h"

namespace pgseal::store {

namespace {

bool is_as_wanted(const S3Client::Call& call, const S3Client::Answer& answer) {
  const bool may_be_an_error = !call.root_element.empty() && answer.response.status == 200;
  return answer.ok() && (!may_be_an_error || root_element(answer.body()) == call.root_element);
}

bool is_expected(const S3Client::Call& call, const S3Client::Answer& answer) {
  const std::vector<int>& statuses = call.expected_statuses;
  return std::find(statuses.begin(), statuses.end(), answer.response.status) != statuses.end();
}

/// What a person can do; "" where we know nothing.
std::string hint_for(const S3Client::Call& call, const S3Client::Answer& answer,
                     const std::string& bucket) {
  const std::string_view code = answer.error.code;
  const int status = answer.response.status;
  const std::string region = region_of_bucket(answer);
  if (code == "AccessDenied" || (status == 403 && code.empty())) {
    return format("{} on \"{}/{}\" has to be allowed, and nothing may deny it", call.permission,
                  bucket, call.key);
  }
  if (code == "NoSuchBucket") return "make the bucket, or correct its name or the endpoint";
  if (status == 412 && call.method == "GET") return "the object was replaced while it was read";
  if (status == 412) return "objects are never overwritten; has another backup the same name?";
  if ((status == 301 || status == 307 || code == "AuthorizationHeaderMalformed") &&
      !region.empty()) {
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
      options_(options),
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
  Corrected corrected;
  return retrier_.run(policy, describe(call), stop, [&](int number) {
    Answer answer = attempt(call, payload_sha256, corrected, stop);
    answer.tries = number;
    return answer;
  });
}

S3Client::Answer S3Client::attempt(const Call& call, const std::string& payload_sha256,
                                   Corrected& corrected, const std::stop_token& stop) {
  for (;;) {
    const S3Address asked = address();
    Answer answer = exchange(call, payload_sha256, asked, stop);
    if (is_as_wanted(call, answer)) return answer;
    if (correct(call, answer, asked, corrected)) continue;
    if (!is_expected(call, answer)) throw error_of_call(call, answer);
    return answer;
  }
}

S3Client::Answer S3Client::exchange(const Call& call, const std::string& payload_sha256,
                                    const S3Address& address, const std::stop_token& stop) {
  RequestLimit::Slot slot = limit_.enter(stop);
  Answer answer{.response = send_signed(call, payload_sha256, address, stop)};
  if (is_as_wanted(call, answer)) {
    slot.went_well();
    return answer;
  }
  answer.error = parse_error_body(answer.body());
  if (asks_to_slow_down(answer)) {
    if (const auto limit = slot.slow_down()) {
      log::info("{}: S3 asks to slow down, requests at a time from now on: {}", describe(call),
                *limit);
    }
  }
  return answer;
}

bool S3Client::correct(const Call& call, const Answer& answer, const S3Address& asked,
                       Corrected& corrected) {
  const char* what = nullptr;
  if (!corrected.credentials && are_credentials_stale(answer)) {
    credentials_.invalidate();
    corrected.credentials = true;
    what = "credentials";
  } else if (!corrected.clock && correct_clock(answer)) {
    corrected.clock = true;
    what = "clock";
  } else if (!corrected.region && correct_region(answer, asked)) {
    corrected.region = true;
    what = "region";
  } else {
    return false;
  }
  log::info("{}: {}; trying again with corrected {}", describe(call), error_of(answer).message(),
            what);
  retrier_.count(what);
  return true;
}

bool S3Client::correct_clock(const Answer& answer) {
  if (answer.error.code != "RequestTimeTooSkewed") return false;
  const auto theirs = net::parse_http_date(answer.response.header("date"));
  if (!theirs) return false;
  const auto offset = std::chrono::round<std::chrono::seconds>(*theirs - clock_.now());
  if (clock_offset_.exchange(offset) == std::chrono::seconds(0)) {
    log::warning("this machine's clock is wrong: it differs from S3's by {}",
                 format_duration(std::chrono::abs(offset)));
  }
  return true;
}

bool S3Client::correct_region(const Answer& answer, const S3Address& asked) {
  const std::string region = region_to_ask(answer, asked.region);
  if (region.empty()) return false;
  const std::lock_guard lock(mutex_);
  options_.region = region;
  address_ = s3_address(options_);
  return true;
}

S3Address S3Client::address() const {
  const std::lock_guard lock(mutex_);
  return address_;
}

net::Response S3Client::send_signed(const Call& call, const std::string& payload_sha256,
                                    const S3Address& address, const std::stop_token& stop) {
  std::string path = address.path;
  if (!call.key.empty() || path.empty()) path += "/" + aws::uri_escape(call.key, true);
  aws::NamedValues headers = call.headers;
  if (call.creates_object) {
    headers.insert(headers.end(), object_headers_.begin(), object_headers_.end());
  }
  headers.insert(headers.end(), request_headers_.begin(), request_headers_.end());
  const aws::SigningRequest to_sign{.method = call.method,
                                    .host = address.host,
                                    .path = path,
                                    .query = call.query,
                                    .headers = std::move(headers),
                                    .payload_sha256 = payload_sha256};
  const aws::SigningScope scope{.region = address.region,
                                .service = "s3",
                                .path = aws::SignedPath::as_sent,
                                .content_sha256 = true};
  net::Request request;
  request.method = call.method;
  request.url = address.scheme + address.host + path;
  if (!call.query.empty()) request.url += "?" + aws::query_string(call.query);
  request.headers = aws::sign_headers(to_sign, scope, credentials_.get(stop),
                                      clock_.now() + clock_offset_.load());
  request.body = call.body;
  request.timeout = call.timeout;
  request.no_proxy = net::is_plain_loopback(request.url);
  if (stop.stop_requested()) throw Cancelled();
  return http_.send(request, call.interruptible ? stop : std::stop_token());
}

Error S3Client::failure(const Call& call, const Answer& answer) const {
  Error error = error_of_call(call, answer);
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
  const std::string stored = found.response.header("x-amz-checksum-sha256");
  const bool is_hidden = found.response.status == 403 || (found.ok() && stored.empty());
  const bool is_ours = is_hidden && answer.response.status == 412 && unseen == Unseen::ours;
  if (!is_ours && (!found.ok() || stored != checksum)) {
    Error error = failure(call, answer)
                      .with_hint(
                          "an earlier try, whose answer was lost, may have stored the object: "
                          "look for it");
    // Whether it did, nobody can tell: no clear refusal.
    throw is_hidden ? std::move(error).with_retry({.cause = "unclear"}) : error;
  }
  log::info("\"{}\" was stored by a try whose answer was lost", url(call.key));
}

Error S3Client::error_of_call(const Call& call, const Answer& answer) const {
  return error_of(answer).with_hint(hint_for(call, answer, bucket_));
}

}  // namespace pgseal::store
