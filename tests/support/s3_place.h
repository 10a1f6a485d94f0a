#pragma once
// A store in a FakeS3, with everything that it needs.

#include <string>
#include <vector>

#include "net/http_client.h"
#include "store/s3_store.h"
#include "support/fake_s3.h"
#include "support/static_credentials.h"
#include "support/store_conformance.h"

namespace pgseal::test {

/// Retries come at once.
inline constexpr RetryPolicy kQuickRetry{.tries = 4,
                                         .base_delay = std::chrono::milliseconds(1),
                                         .max_delay = std::chrono::milliseconds(2)};

/// How often a fault comes that does not pass.
inline constexpr int kAlways = 1'000'000;

/// An object that is uploaded in three parts.
inline const Bytes& three_parts() {
  static const Bytes kContent = noise(20 * kMiB);
  return kContent;
}

class S3Place {
 public:
  explicit S3Place(FakeS3::Options options = {}, store::S3Dialect dialect = {})
      : s3(std::move(options)),
        store_(store_options(dialect), credentials, http_, system_clock()) {}

  static std::string why_not() { return ""; }
  store::S3Store& store() { return store_; }
  [[nodiscard]] std::vector<std::string> leftovers() const {
    std::vector<std::string> keys;
    for (const auto& [id, key] : s3.open_uploads()) keys.push_back(key);
    return keys;
  }

  FakeS3 s3;
  StaticCredentials credentials;

 private:
  [[nodiscard]] store::S3Options store_options(store::S3Dialect dialect) const {
    return {.bucket = "bucket",
            .prefix = "back ups/+",
            .region = "eu-west-1",
            .endpoint = s3.url(),
            .retry = kQuickRetry,
            .dialect = dialect};
  }

  net::HttpClient http_;
  store::S3Store store_;
};

}  // namespace pgseal::test
