#include "store/s3_answer.h"

#include <algorithm>
#include <initializer_list>

#include "aws/partition.h"
#include "base/format.h"
#include "net/http_time.h"

namespace pgseal::store {

namespace {

template <typename Item>
bool is_one_of(const Item& item, std::initializer_list<Item> list) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool has_code(const S3Answer& answer, std::initializer_list<std::string_view> codes) {
  return is_one_of(std::string_view(answer.error.code), codes);
}

bool may_go_better(const S3Answer& answer) {
  // A success that cannot be understood is most likely one that was cut.
  const bool unclear = answer.ok() && answer.error.code.empty();
  return unclear || is_one_of(answer.response.status, {408, 429, 500, 502, 503, 504}) ||
         has_code(answer, {"SlowDown", "RequestTimeout", "InternalError", "OperationAborted",
                           "ConditionalRequestConflict"});
}

}  // namespace

bool are_credentials_stale(const S3Answer& answer) {
  return has_code(answer, {"ExpiredToken", "TokenRefreshRequired", "InvalidToken"});
}

bool asks_to_slow_down(const S3Answer& answer) {
  return is_one_of(answer.response.status, {429, 503}) || has_code(answer, {"SlowDown"});
}

std::string region_of_bucket(const S3Answer& answer) {
  const std::string header = answer.response.header("x-amz-bucket-region");
  const std::string& region = header.empty() ? answer.error.region : header;
  // It may become a part of a host's name.
  return aws::is_region(region) ? region : "";
}

std::string region_to_ask(const S3Answer& answer, const std::string& asked) {
  if (!is_one_of(answer.response.status, {301, 307, 400})) return "";
  const std::string region = region_of_bucket(answer);
  return region == asked ? "" : region;
}

Error error_of(const S3Answer& answer) {
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
  const std::chrono::seconds after = net::retry_after(answer.response);
  if (after.count() > 0) text += format(", to be tried again after {} s", after.count());
  Error error = Error(Exit::storage, text + ")").with_http_status(status);
  if (!may_go_better(answer)) return error;
  return std::move(error).with_retry(
      {.cause = body.code.empty() ? format("HTTP {}", status) : body.code, .after = after});
}

}  // namespace pgseal::store
