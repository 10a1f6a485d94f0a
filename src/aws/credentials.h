#pragma once
// AWS credentials and where they come from.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/shared_config.h"
#include "base/clock.h"
#include "base/secret.h"

namespace pgseal::net {
class HttpClient;
}

namespace pgseal::aws {

class Sts;

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                 ///< empty for long-lived keys
  std::optional<TimePoint> expiration;  ///< absent where they do not expire
};

/// What a source said when it was asked.
struct AskedSource {
  std::string name;    ///< "environment"
  std::string reason;  ///< why it had none; "" where it gave the credentials
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
  /// The sources that were asked for the credentials that `get()` gives now, the last among them
  /// the one that had them.
  [[nodiscard]] virtual std::vector<AskedSource> asked() const { return {}; }
};

/// What the sources need to know of the environment; the caller reads it. "" means not set.
struct ChainOptions {
  std::string access_key_id;            // AWS_ACCESS_KEY_ID
  Secret secret_access_key;             // AWS_SECRET_ACCESS_KEY
  Secret session_token;                 // AWS_SESSION_TOKEN
  std::string web_identity_token_file;  // AWS_WEB_IDENTITY_TOKEN_FILE
  std::string role_arn;                 // AWS_ROLE_ARN, for the web identity
  std::string role_session_name;        // AWS_ROLE_SESSION_NAME, likewise
  SharedConfigFiles files;              // AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE
  std::string profile;                  // AWS_PROFILE; where not set, "default" need not be there
  std::string container_relative_uri;   // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  std::string container_full_uri;       // AWS_CONTAINER_CREDENTIALS_FULL_URI
  Secret container_token;               // AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file;     // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, before the token
  std::string container_endpoint = "http://169.254.170.2";
  bool imds_disabled = false;                            // AWS_EC2_METADATA_DISABLED
  std::string imds_endpoint = "http://169.254.169.254";  // AWS_EC2_METADATA_SERVICE_ENDPOINT
};

/// Environment, then web identity (EKS), then the profile of the shared files, then container (ECS,
/// EKS Pod Identity), then EC2 instance metadata: the first that answers, cached and fetched anew
/// five minutes before it expires, by one thread while the others go on with the old ones; what
/// does not expire every five minutes, since files may be exchanged. Where that fails, the old ones
/// serve as long as they live. A source that is configured but does not work ends the search:
/// another identity must not silently stand in for it. The references must outlive the provider.
[[nodiscard]] std::unique_ptr<CredentialProvider> make_credential_chain(const ChainOptions& options,
                                                                        net::HttpClient& http,
                                                                        Sts& sts,
                                                                        const Clock& clock);

/// A role that somebody takes on.
struct Role {
  std::string arn;
  std::string session_name = "pgseal";  ///< what CloudTrail shows
  std::string external_id{};            ///< what the role's owner asks of other accounts; or ""
  int duration_seconds = 0;             ///< 0: what STS gives, an hour
};

/// `role`, taken on with the credentials of `base`; cached and fetched anew as those of a chain.
/// The references must outlive the provider.
[[nodiscard]] std::unique_ptr<CredentialProvider> make_role_provider(Role role,
                                                                     CredentialProvider& base,
                                                                     Sts& sts, const Clock& clock);

}  // namespace pgseal::aws
