#include "aws/credential_source.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::aws {

namespace {

class EnvironmentSource final : public CredentialSource {
 public:
  explicit EnvironmentSource(const ChainOptions& options)
      : credentials_{options.access_key_id, options.secret_access_key, options.session_token, {}} {}

  std::string name() const override { return "environment"; }

  FoundCredentials fetch(const std::stop_token&) override {
    const bool has_id = !credentials_.access_key_id.empty();
    const bool has_secret = !credentials_.secret_access_key.empty();
    if (has_id && has_secret) return credentials_;
    if (!has_id && !has_secret) return NotConfigured{"AWS_ACCESS_KEY_ID is not set"};
    throw Error(Exit::storage, format("{} is set, but {} is not",
                                      has_id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                                      has_id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  }

 private:
  const Credentials credentials_;
};

}  // namespace

std::unique_ptr<CredentialSource> environment_source(const ChainOptions& options) {
  return std::make_unique<EnvironmentSource>(options);
}

}  // namespace pgseal::aws
