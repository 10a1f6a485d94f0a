#include <algorithm>
#include <string_view>

#include "aws/credential_endpoint.h"
#include "aws/credential_source.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTimeout{1};  // most machines are no EC2 instances: nobody answers
constexpr int kTries = 2;
constexpr const char* kTokenPath = "/latest/api/token";
constexpr const char* kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kTokenLife = "60";  // seconds; it serves for the two requests that follow

/// The first line, where that is a name as IAM allows it.
std::optional<std::string> role_name(const std::string& text) {
  const std::string line = text.substr(0, text.find_first_of("\r\n"));
  const bool valid = !line.empty() && std::all_of(line.begin(), line.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  });
  return valid ? std::optional(line) : std::nullopt;
}

class InstanceSource final : public CredentialSource {
 public:
  InstanceSource(const ChainOptions& options, net::HttpClient& http)
      : disabled_(options.imds_disabled), endpoint_(options.imds_endpoint), http_(http) {
    while (endpoint_.ends_with('/')) endpoint_.pop_back();
  }

  std::string name() const override { return "EC2 instance metadata"; }

  FoundCredentials fetch(const std::stop_token& stop) override {
    if (disabled_) return NotConfigured{"disabled by AWS_EC2_METADATA_DISABLED"};
    const std::pair<std::string, std::string> pass{
        "x-aws-ec2-metadata-token",
        ask("PUT", kTokenPath, {"x-aws-ec2-metadata-token-ttl-seconds", kTokenLife}, stop)};
    const auto role = role_name(ask("GET", kRolesPath, pass, stop));
    if (!role) throw Error(Exit::storage, "the instance has no role");
    return parse_credentials(ask("GET", kRolesPath + *role, pass, stop));
  }

 private:
  std::string ask(std::string method, const std::string& path,
                  const std::pair<std::string, std::string>& header, const std::stop_token& stop) {
    const net::Request request{.method = std::move(method),
                               .url = endpoint_ + path,
                               .headers = {header},
                               .body = {},
                               .timeout = kTimeout,
                               .no_proxy = true};
    return ask_endpoint(http_, request, kTries, stop);
  }

  const bool disabled_;
  std::string endpoint_;
  net::HttpClient& http_;
};

}  // namespace

std::unique_ptr<CredentialSource> instance_source(const ChainOptions& options,
                                                  net::HttpClient& http) {
  return std::make_unique<InstanceSource>(options, http);
}

}  // namespace pgseal::aws
