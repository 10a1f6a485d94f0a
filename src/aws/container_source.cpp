#include <algorithm>
#include <array>
#include <string_view>

#include "aws/credential_endpoint.h"
#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "net/host.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTimeout{2};
constexpr int kTries = 3;
constexpr std::size_t kMostToken = 64 * kKiB;

NoCredentials failed(std::string reason) { return {NoCredentials::Why::failed, std::move(reason)}; }

/// Whether credentials may come from there without TLS: this machine, and the addresses that ECS
/// and EKS have for it.
bool may_be_plain(const std::string& host) {
  constexpr std::array kHosts = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  return net::is_loopback(host) || std::find(kHosts.begin(), kHosts.end(), host) != kHosts.end();
}

class ContainerSource final : public CredentialSource {
 public:
  ContainerSource(const ChainOptions& options, net::HttpClient& http)
      : options_(options), http_(http) {}

  std::string name() const override { return "container"; }

  std::variant<Credentials, NoCredentials> fetch(const std::stop_token& stop) override {
    auto url = find_url();
    if (const auto* nothing = std::get_if<NoCredentials>(&url)) return *nothing;
    auto token = find_token();
    if (const auto* nothing = std::get_if<NoCredentials>(&token)) return *nothing;
    net::Request request{.url = std::get<std::string>(url),
                         .headers = {{"accept", "application/json"}},
                         .body = {},
                         .timeout = kTimeout,
                         .no_proxy = true};
    if (const Secret& secret = std::get<Secret>(token); !secret.empty()) {
      request.headers.emplace_back("authorization", secret.reveal());
    }
    const auto answer = ask_endpoint(http_, request, kTries, stop);
    if (const auto* nothing = std::get_if<NoCredentials>(&answer)) return *nothing;
    return parse_credentials(std::get<std::string>(answer));
  }

 private:
  [[nodiscard]] std::variant<std::string, NoCredentials> find_url() const {
    const std::string& relative = options_.container_relative_uri;
    const std::string& full = options_.container_full_uri;
    if (!relative.empty()) {
      // Anything else could name another host: "http://169.254.170.2" + "@example.com/".
      if (relative.starts_with('/')) return options_.container_endpoint + relative;
      return failed("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with \"/\"");
    }
    if (full.empty()) {
      return NoCredentials{
          .reason = "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ..._FULL_URI is set"};
    }
    const std::string scheme = lower_case(full.substr(0, full.find(':')));
    const bool allowed =
        scheme == "https" || (scheme == "http" && may_be_plain(net::host_of(full)));
    if (allowed) return full;
    return failed(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine, so anybody could "
        "have written what it answers");
  }

  /// Read anew each time: the platform puts a new one there before the old one ends.
  [[nodiscard]] std::variant<Secret, NoCredentials> find_token() const {
    std::string token;
    if (options_.container_token_file.empty()) {
      token = options_.container_token.reveal();
    } else {
      try {
        token = read_file(options_.container_token_file, kMostToken);
      } catch (const Error& error) {
        return failed(format("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {}", error.message()));
      }
      while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
    }
    Secret secret(std::move(token));
    if (secret.reveal().find_first_of("\r\n") != std::string_view::npos) {
      return failed("the container's authorization token has a line end in it");
    }
    return secret;
  }

  const ChainOptions options_;
  net::HttpClient& http_;
};

}  // namespace

std::unique_ptr<CredentialSource> container_source(const ChainOptions& options,
                                                   net::HttpClient& http) {
  return std::make_unique<ContainerSource>(options, http);
}

}  // namespace pgseal::aws
