#include "aws/credential_endpoint.h"
#include "base/format.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTimeout{2};
constexpr int kTries = 3;

class ContainerSource final : public CredentialSource {
 public:
  ContainerSource(const ChainOptions& options, net::HttpClient& http)
      : relative_uri_(options.container_relative_uri),
        endpoint_(options.container_endpoint),
        http_(http) {}

  std::string name() const override { return "ECS container"; }

  std::variant<Credentials, NoCredentials> fetch(const std::stop_token& stop) override {
    constexpr const char* kVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    if (relative_uri_.empty()) {
      return NoCredentials{.reason = format("{} is not set", kVariable)};
    }
    // Anything else could name another host: "http://169.254.170.2" + "@example.com/".
    if (!relative_uri_.starts_with('/')) {
      return NoCredentials{NoCredentials::Why::failed,
                           format("{} does not begin with \"/\"", kVariable)};
    }
    const net::Request request{.url = endpoint_ + relative_uri_,
                               .headers = {{"accept", "application/json"}},
                               .body = {},
                               .timeout = kTimeout,
                               .no_proxy = true};
    const auto answer = ask_endpoint(http_, request, kTries, stop);
    if (const auto* nothing = std::get_if<NoCredentials>(&answer)) return *nothing;
    return parse_credentials(std::get<std::string>(answer));
  }

 private:
  const std::string relative_uri_;
  const std::string endpoint_;
  net::HttpClient& http_;
};

}  // namespace

std::unique_ptr<CredentialSource> container_source(const ChainOptions& options,
                                                   net::HttpClient& http) {
  return std::make_unique<ContainerSource>(options, http);
}

}  // namespace pgseal::aws
