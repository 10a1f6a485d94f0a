#include "store/s3_object_options.h"

#include <charconv>
#include <chrono>

#include "base/format.h"

namespace pgseal::store {

aws::NamedValues S3ObjectOptions::headers() const {
  aws::NamedValues headers;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) headers.emplace_back(name, value);
  };
  add("x-amz-storage-class", storage_class);
  add("x-amz-server-side-encryption", encryption);
  add("x-amz-server-side-encryption-aws-kms-key-id", kms_key);
  if (bucket_key) add("x-amz-server-side-encryption-bucket-key-enabled", "true");
  add("x-amz-object-lock-mode", lock_mode);
  if (lock_until) add("x-amz-object-lock-retain-until-date", format_utc(*lock_until));
  if (legal_hold) add("x-amz-object-lock-legal-hold", "ON");
  std::string tagging;
  for (const auto& [key, value] : tags) {
    tagging += format("{}{}={}", tagging.empty() ? "" : "&", aws::uri_escape(key, false),
                      aws::uri_escape(value, false));
  }
  add("x-amz-tagging", tagging);
  return headers;
}

aws::NamedValues S3RequestOptions::headers() const {
  aws::NamedValues headers;
  if (!expected_bucket_owner.empty()) {
    headers.emplace_back("x-amz-expected-bucket-owner", expected_bucket_owner);
  }
  if (requester_pays) headers.emplace_back("x-amz-request-payer", "requester");
  return headers;
}

std::optional<TimePoint> parse_lock_until(const std::string& text, TimePoint now) {
  std::optional<TimePoint> until = parse_utc(text);
  if (!until && text.size() > 1) {
    unsigned count = 0;
    const char* end = text.data() + text.size() - 1;
    const auto [at, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || at != end || count > 100'000) return std::nullopt;
    switch (text.back()) {
      case 'h':
        until = now + std::chrono::hours(count);
        break;
      case 'd':
        until = now + std::chrono::days(count);
        break;
      case 'w':
        until = now + std::chrono::weeks(count);
        break;
      default:
        return std::nullopt;
    }
  }
  if (!until || *until <= now) return std::nullopt;
  return until;
}

}  // namespace pgseal::store
