#pragma once
// One place where credentials may be found; the chain asks one after the other.

#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "aws/credentials.h"

namespace pgseal::aws {

/// Why a source has no credentials.
struct NoCredentials {
  enum class Why {
    not_configured,  ///< it is not used here: ask the next one
    failed,          ///< it is used here but does not work: ask no other
  };
  Why why = Why::not_configured;
  std::string reason;  ///< for a person; never holds a secret
};

/// Used by one thread at a time. A new source is a class of its own file, a factory below, and its
/// place in `make_credential_chain()`.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// "environment"
  [[nodiscard]] virtual std::string name() const = 0;
  /// Throws Cancelled when `stop` is requested, and nothing else that is to be expected.
  [[nodiscard]] virtual std::variant<Credentials, NoCredentials> fetch(
      const std::stop_token& stop) = 0;
};

/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, both or neither, and AWS_SESSION_TOKEN.
[[nodiscard]] std::unique_ptr<CredentialSource> environment_source(const ChainOptions& options);
/// The role of an ECS task or of an EKS pod (Pod Identity). Source: AWS SDKs and Tools Reference,
/// "Container credential provider".
[[nodiscard]] std::unique_ptr<CredentialSource> container_source(const ChainOptions& options,
                                                                 net::HttpClient& http);
/// The role of an EC2 instance, by version 2 of its metadata service only.
/// Source: AWS, "Use the Instance Metadata Service".
[[nodiscard]] std::unique_ptr<CredentialSource> instance_source(const ChainOptions& options,
                                                                net::HttpClient& http);

/// Caches what the first of `sources` gives. `clock` must outlive the provider.
[[nodiscard]] std::unique_ptr<CredentialProvider> make_caching_provider(
    std::vector<std::unique_ptr<CredentialSource>> sources, const Clock& clock);

}  // namespace pgseal::aws
