#include "aws/credential_endpoint.h"
#include "aws/credential_source.h"
#include "aws/sts.h"
#include "base/error.h"

namespace pgseal::aws {

namespace {

class WebIdentitySource final : public CredentialSource {
 public:
  WebIdentitySource(const ChainOptions& options, Sts& sts)
      : token_file_(options.web_identity_token_file), sts_(sts) {
    role_.arn = options.role_arn;
    if (!options.role_session_name.empty()) role_.session_name = options.role_session_name;
  }

  std::string name() const override { return "web identity"; }

  FoundCredentials fetch(const std::stop_token& stop) override {
    if (token_file_.empty()) return NotConfigured{"AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
    if (role_.arn.empty()) {
      throw Error(Exit::usage, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
    }
    return credentials_of_web_identity(token_file_, role_, sts_, stop);
  }

 private:
  const std::string token_file_;
  Role role_;
  Sts& sts_;
};

}  // namespace

Credentials credentials_of_web_identity(const std::string& token_file, const Role& role, Sts& sts,
                                        const std::stop_token& stop) {
  // Read anew each time: the platform puts a new one there before the old one ends.
  return sts.assume_role_with_web_identity(role, read_token_file(token_file), stop);
}

std::unique_ptr<CredentialSource> web_identity_source(const ChainOptions& options, Sts& sts) {
  return std::make_unique<WebIdentitySource>(options, sts);
}

}  // namespace pgseal::aws
