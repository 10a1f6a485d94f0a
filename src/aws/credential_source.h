#pragma once
// One place where credentials may be found; the chain asks one after the other.

#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "aws/credentials.h"

namespace pgseal::aws {

/// Why a source is not used here, for a person; the next one is asked.
struct NotConfigured {
  std::string reason;
};

using FoundCredentials = std::variant<Credentials, NotConfigured>;

/// Used by one thread at a time. A new source is a class of its own file, a factory below, and its
/// place in `make_credential_chain()`.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// "environment"
  [[nodiscard]] virtual std::string name() const = 0;
  /// Throws Error where it is used here but does not work, which ends the search, and Cancelled
  /// when `stop` is requested. No message holds a secret.
  [[nodiscard]] virtual FoundCredentials fetch(const std::stop_token& stop) = 0;
};

/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, both or neither, and AWS_SESSION_TOKEN.
[[nodiscard]] std::unique_ptr<CredentialSource> environment_source(const ChainOptions& options);
/// The role of an EKS pod (IRSA): AWS_WEB_IDENTITY_TOKEN_FILE, read anew each time, and
/// AWS_ROLE_ARN.
[[nodiscard]] std::unique_ptr<CredentialSource> web_identity_source(const ChainOptions& options,
                                                                    Sts& sts);
/// The profile of the shared files, which are read anew each time: keys, roles in chains,
/// processes, web identities. Source: AWS SDKs and Tools Reference, "Assume role credential
/// provider", "Process credential provider"; judged by botocore.
[[nodiscard]] std::unique_ptr<CredentialSource> profile_source(const ChainOptions& options,
                                                               net::HttpClient& http, Sts& sts);
/// The role of an ECS task or of an EKS pod (Pod Identity). Source: AWS SDKs and Tools Reference,
/// "Container credential provider".
[[nodiscard]] std::unique_ptr<CredentialSource> container_source(const ChainOptions& options,
                                                                 net::HttpClient& http);
/// The role of an EC2 instance, by version 2 of its metadata service only.
/// Source: AWS, "Use the Instance Metadata Service".
[[nodiscard]] std::unique_ptr<CredentialSource> instance_source(const ChainOptions& options,
                                                                net::HttpClient& http);

/// What a program prints, of which sh(1) runs the command line; it may take a minute. Throws Error
/// of `Exit::storage`.
[[nodiscard]] Credentials credentials_of_process(const std::string& command,
                                                 const std::stop_token& stop);
/// What STS gives for the token in a file. Throws Error of `Exit::storage`.
[[nodiscard]] Credentials credentials_of_web_identity(const std::string& token_file,
                                                      const Role& role, Sts& sts,
                                                      const std::stop_token& stop);

}  // namespace pgseal::aws
