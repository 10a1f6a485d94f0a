#pragma once
// Credentials that a test chose.

#include <atomic>
#include <string>

#include "aws/credentials.h"

namespace pgseal::test {

class StaticCredentials final : public aws::CredentialProvider {
 public:
  explicit StaticCredentials(std::string id = "AKIDEXAMPLE", std::string secret = "not-a-secret")
      : credentials_{.access_key_id = std::move(id),
                     .secret_access_key = Secret(std::move(secret)),
                     .session_token = {},
                     .expiration = {}} {}

  aws::Credentials get(const std::stop_token&) override { return credentials_; }
  void invalidate() override { ++invalidations_; }
  [[nodiscard]] std::vector<aws::AskedSource> asked() const override { return {{"test", ""}}; }
  [[nodiscard]] int invalidations() const { return invalidations_; }

 private:
  aws::Credentials credentials_;
  std::atomic<int> invalidations_{0};
};

}  // namespace pgseal::test
