#pragma once
// AWS credentials and where they come from.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace pgseal::net {
class HttpClient;
}

namespace pgseal::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                 ///< empty for long-lived keys
  std::optional<TimePoint> expiration;  ///< absent where they do not expire
};

/// Gives credentials that are valid now. Safe for use from any thread.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  /// Throws Error of `Exit::storage` that says which sources were tried and why each gave nothing,
  /// Cancelled when `stop` is requested.
  [[nodiscard]] virtual Credentials get(const std::stop_token& stop) = 0;
  /// The last credentials were refused (ExpiredToken): forget them.
  virtual void invalidate() {}
};

/// What the sources need to know of the environment; the caller reads it. "" means not set.
struct ChainOptions {
  std::string access_key_id;           // AWS_ACCESS_KEY_ID
  Secret secret_access_key;            // AWS_SECRET_ACCESS_KEY
  Secret session_token;                // AWS_SESSION_TOKEN
  std::string container_relative_uri;  // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  std::string container_full_uri;      // AWS_CONTAINER_CREDENTIALS_FULL_URI
  Secret container_token;              // AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file;    // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, before the token
  std::string container_endpoint = "http://169.254.170.2";
  bool imds_disabled = false;                            // AWS_EC2_METADATA_DISABLED
  std::string imds_endpoint = "http://169.254.169.254";  // AWS_EC2_METADATA_SERVICE_ENDPOINT
};

/// Environment, then container (ECS, EKS Pod Identity), then EC2 instance metadata: the first that
/// answers, cached and fetched anew five minutes before it expires. Where that fails, the old ones
/// serve as long as they live. A source that is configured but does not work ends the search:
/// another identity must not silently stand in for it. `http` and `clock` must outlive the
/// provider.
[[nodiscard]] std::unique_ptr<CredentialProvider> make_credential_chain(const ChainOptions& options,
                                                                        net::HttpClient& http,
                                                                        const Clock& clock);

}  // namespace pgseal::aws
