#include "store/s3_bucket.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "base/xml.h"
#include "net/http_time.h"

namespace pgseal::store {

namespace {

/// What a lifecycle rule is for. Older ones have their prefix outside of the filter.
std::string_view prefix_of(const pugi::xml_node& rule) {
  const pugi::xml_node filter = rule.child("Filter");
  for (const pugi::xml_node& place : {filter, filter.child("And"), rule}) {
    if (const pugi::xml_node prefix = place.child("Prefix")) return prefix.child_value();
  }
  return "";
}

bool was_refused(const S3Client::Answer& answer) { return answer.response.status == 403; }

}  // namespace

S3Bucket::S3Bucket(const S3Options& options, aws::CredentialProvider& credentials,
                   net::HttpClient& http, const Clock& clock)
    : prefix_(options.prefix.empty() ? "" : options.prefix + "/"),
      client_(options, credentials, http, clock) {}

S3Bucket::Reached S3Bucket::reach(const std::stop_token& stop) {
  const S3Client::Call call{.action = "reach",
                            .permission = "s3:ListBucket",
                            .key = {},
                            .query = {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", prefix_}},
                            .root_element = "ListBucketResult",
                            .expected_statuses = {403}};
  const S3Client::Answer answer = client_.send(call, stop);
  if (!answer.ok() && answer.error.code != "AccessDenied") throw client_.failure(call, answer);
  return {.may_list = answer.ok(),
          .time = net::parse_http_date(answer.response.header("date")),
          .region = client_.region()};
}

std::string S3Bucket::setting(const char* what, const char* permission, const char* parameter,
                              const char* root, const char* none_code,
                              const std::stop_token& stop) {
  const S3Client::Call call{.action = format("see {} of", what),
                            .permission = permission,
                            .key = {},
                            .query = {{parameter, ""}},
                            .root_element = root,
                            .expected_statuses = {404}};
  const S3Client::Answer answer = client_.send(call, stop);
  if (answer.ok()) return std::string(answer.body());
  if (answer.error.code == none_code) return "";
  throw client_.failure(call, answer);
}

std::string S3Bucket::versioning(const std::stop_token& stop) {
  return child_text(setting("the versioning", "s3:GetBucketVersioning", "versioning",
                            "VersioningConfiguration", "", stop),
                    "Status");
}

S3Bucket::ObjectLock S3Bucket::object_lock(const std::stop_token& stop) {
  const pugi::xml_document document =
      parse_xml(setting("the object lock", "s3:GetBucketObjectLockConfiguration", "object-lock",
                        "ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", stop));
  const pugi::xml_node lock = document.child("ObjectLockConfiguration");
  return {.enabled = std::string_view(lock.child_value("ObjectLockEnabled")) == "Enabled",
          .default_mode = lock.child("Rule").child("DefaultRetention").child_value("Mode")};
}

std::optional<int> S3Bucket::days_until_abort(const std::stop_token& stop) {
  const pugi::xml_document document =
      parse_xml(setting("the lifecycle", "s3:GetLifecycleConfiguration", "lifecycle",
                        "LifecycleConfiguration", "NoSuchLifecycleConfiguration", stop));
  std::optional<int> days;
  for (const pugi::xml_node rule : document.child("LifecycleConfiguration").children("Rule")) {
    const pugi::xml_node abort = rule.child("AbortIncompleteMultipartUpload");
    const bool is_on = std::string_view(rule.child_value("Status")) == "Enabled";
    if (!abort || !is_on || !std::string_view(prefix_).starts_with(prefix_of(rule))) continue;
    const int after = abort.child("DaysAfterInitiation").text().as_int();
    days = std::min(days.value_or(after), after);
  }
  return days;
}

std::vector<S3Bucket::Upload> S3Bucket::unfinished_uploads(const std::stop_token& stop) {
  const S3Client::Call call{.action = "see the unfinished uploads of",
                            .permission = "s3:ListBucketMultipartUploads",
                            .key = {},
                            .query = {{"prefix", prefix_}, {"uploads", ""}},
                            .root_element = "ListMultipartUploadsResult"};
  const pugi::xml_document document = parse_xml(client_.send(call, stop).body());
  std::vector<Upload> uploads;
  for (const pugi::xml_node upload :
       document.child("ListMultipartUploadsResult").children("Upload")) {
    const auto started = parse_utc(upload.child_value("Initiated"));
    if (!started) {
      throw Error(Exit::storage,
                  format("{}: S3's answer cannot be understood", client_.describe(call)));
    }
    uploads.push_back({.key = upload.child_value("Key"),
                       .id = upload.child_value("UploadId"),
                       .started = *started});
  }
  return uploads;
}

bool S3Bucket::is_public(const std::stop_token& stop) {
  return child_text(setting("the policy's status", "s3:GetBucketPolicyStatus", "policyStatus",
                            "PolicyStatus", "NoSuchBucketPolicy", stop),
                    "IsPublic") == "true";
}

bool S3Bucket::may_read(const std::string& key, const std::stop_token& stop) {
  return !was_refused(client_.send({.action = "get",
                                    .permission = "s3:GetObject",
                                    .key = prefix_ + key,
                                    .expected_statuses = {403, 404}},
                                   stop));
}

bool S3Bucket::may_remove(const std::string& key, const std::stop_token& stop) {
  return !was_refused(client_.send({.action = "remove",
                                    .permission = "s3:DeleteObject",
                                    .method = "DELETE",
                                    .key = prefix_ + key,
                                    .expected_statuses = {403, 404}},
                                   stop));
}

S3Client::Call S3Bucket::put_call(const std::string& key, ByteView content,
                                  ByteView announced) const {
  return {.action = "put",
          .permission = "s3:PutObject",
          .method = "PUT",
          .key = prefix_ + key,
          .headers = client_.dialect().checksum_headers(announced, crypto::sha256(announced)),
          .creates_object = true,
          .body = content,
          .expected_statuses = {400, 403, 412}};
}

bool S3Bucket::may_overwrite(const std::string& key, ByteView content,
                             const std::stop_token& stop) {
  const S3Client::Call call = put_call(key, content, content);
  const S3Client::Answer answer = client_.send(call, stop);
  if (answer.response.status == 400) throw client_.failure(call, answer);
  return answer.ok();
}

bool S3Bucket::takes_damaged(const std::string& key, const std::stop_token& stop) {
  const S3Client::Call call = put_call(key, as_bytes("damaged"), as_bytes("whole"));
  const S3Client::Answer answer = client_.send(call, stop);
  if (was_refused(answer)) throw client_.failure(call, answer);
  return answer.ok();
}

}  // namespace pgseal::store
