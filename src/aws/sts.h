#pragma once
// AWS's Security Token Service: who we are, and who we may become.
// Source: AWS, "AWS Security Token Service API Reference", version 2011-06-15.

#include <string>

#include "aws/credentials.h"
#include "aws/partition.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/retry.h"
#include "net/http_client.h"

namespace pgseal::aws {

struct StsOptions {
  std::string region = "us-east-1";  ///< the endpoint's, and the signature's
  std::string endpoint{};            ///< "https://host:port"; "" is the region's own
  EndpointKind kind{};
  RetryPolicy retry{.tries = 4,
                    .base_delay = std::chrono::milliseconds(200),
                    .max_delay = std::chrono::seconds(2)};
};

/// Throws Error of `Exit::usage` where it is not http:// or https:// with a host and perhaps a
/// port.
void require_sts_endpoint(const std::string& endpoint);

/// STS does not take the credentials, and may take others of the same source: they have expired.
class StaleCredentials final : public Error {
 public:
  using Error::Error;
};

struct CallerIdentity {
  std::string account, arn, user_id;
};

/// Safe for use from any thread. All errors are of `Exit::storage` and carry STS's code, message
/// and request id. What may go better the next time is tried again; where credentials have expired,
/// StaleCredentials is thrown.
class Sts final {
 public:
  /// The references must outlive it.
  Sts(StsOptions options, net::HttpClient& http, const Clock& clock);

  [[nodiscard]] Credentials assume_role(const Role& role, const Credentials& by,
                                        const std::stop_token& stop);
  [[nodiscard]] Credentials assume_role_with_web_identity(const Role& role, const Secret& token,
                                                          const std::stop_token& stop);
  [[nodiscard]] CallerIdentity caller_identity(const Credentials& of, const std::stop_token& stop);
  /// How often requests were tried again.
  [[nodiscard]] RetryCounts retries() const { return retrier_.retries(); }

 private:
  /// The body of STS's answer; signed where there are credentials to sign with.
  std::string ask(const std::string& what, const std::string& body, const Credentials* signer,
                  const std::stop_token& stop);
  net::Response send(const std::string& body, const Credentials* signer,
                     const std::stop_token& stop);

  const StsOptions options_;
  const std::string endpoint_;  // without a slash at its end
  net::HttpClient& http_;
  const Clock& clock_;
  Retrier retrier_;
};

}  // namespace pgseal::aws
