#include <algorithm>
#include <array>
#include <string_view>

#include "aws/credential_endpoint.h"
#include "aws/credential_source.h"
#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "net/host.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTimeout{2};
constexpr int kTries = 3;

Error failed(const std::string& reason) { return {Exit::storage, reason}; }

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

  FoundCredentials fetch(const std::stop_token& stop) override {
    if (options_.container_relative_uri.empty() && options_.container_full_uri.empty()) {
      return NotConfigured{
          "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ..._FULL_URI is set"};
    }
    net::Request request{.url = find_url(),
                         .headers = {{"accept", "application/json"}},
                         .body = {},
                         .timeout = kTimeout,
                         .no_proxy = true};
    if (const Secret token = find_token(); !token.empty()) {
      request.headers.emplace_back("authorization", token.reveal());
    }
    return parse_credentials(ask_endpoint(http_, request, kTries, stop));
  }

 private:
  [[nodiscard]] std::string find_url() const {
    const std::string& relative = options_.container_relative_uri;
    if (!relative.empty()) {
      // Anything else could name another host: "http://169.254.170.2" + "@example.com/".
      if (relative.starts_with('/')) return options_.container_endpoint + relative;
      throw failed("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with \"/\"");
    }
    const std::string& full = options_.container_full_uri;
    const std::string scheme = lower_case(full.substr(0, full.find(':')));
    const bool allowed =
        scheme == "https" || (scheme == "http" && may_be_plain(net::host_of(full)));
    if (allowed) return full;
    throw failed(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine, so anybody could "
        "have written what it answers");
  }

  /// Read anew each time: the platform puts a new one there before the old one ends.
  [[nodiscard]] Secret find_token() const {
    if (options_.container_token_file.empty()) return checked(options_.container_token);
    try {
      return checked(read_token_file(options_.container_token_file));
    } catch (Error& error) {
      error.add_context("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
      throw;
    }
  }

  static Secret checked(Secret token) {
    if (token.reveal().find_first_of("\r\n") == std::string_view::npos) return token;
    throw failed("the container's authorization token has a line end in it");
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
