#pragma once
// What an answer of S3's means. Source: AWS, "Amazon S3 API Reference", "Error responses".

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "net/http_client.h"
#include "store/s3_xml.h"

namespace pgseal::store {

struct S3Answer {
  net::Response response;
  int tries = 1;
  S3ErrorBody error{};  ///< where it is not what was wanted
  [[nodiscard]] bool ok() const { return response.status >= 200 && response.status < 300; }
  [[nodiscard]] std::string_view body() const { return as_text(response.body); }
};

/// The credentials have expired, or will be refused until they are fetched anew.
[[nodiscard]] bool are_credentials_stale(const S3Answer& answer);
/// It wants fewer requests: 429, 503, SlowDown.
[[nodiscard]] bool asks_to_slow_down(const S3Answer& answer);
/// Where the bucket lies: from the header x-amz-bucket-region or the body; "" where the answer does
/// not say it, or says what cannot be a region.
[[nodiscard]] std::string region_of_bucket(const S3Answer& answer);
/// The region that should have been asked instead of `asked`; "" where that is not what is wrong.
[[nodiscard]] std::string region_to_ask(const S3Answer& answer, const std::string& asked);

/// "SlowDown: its message (HTTP 503, request id ..., host id ...)", of `Exit::storage`; retryable
/// where the status or code is one of those that S3Client tries again.
[[nodiscard]] Error error_of(const S3Answer& answer);

}  // namespace pgseal::store
