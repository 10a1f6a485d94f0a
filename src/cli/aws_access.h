#pragma once
// What reaching AWS takes.

#include <memory>

#include "aws/credentials.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "cli/configuration.h"
#include "net/http_client.h"

namespace pgseal::cli {

/// The roles that are taken on beside what the environment gives; "" for none.
struct RoleSettings {
  std::string assumed, database, store;
  std::string external_id;
};
/// A problem where one cannot be a role's ARN.
[[nodiscard]] RoleSettings resolve_roles(Configuration& configuration);

/// One HTTP client and one credential chain for all, and the roles on top of it. Must outlive what
/// is made with it. Nothing is asked before credentials are wanted.
class AwsAccess final {
 public:
  AwsAccess(Configuration& configuration, const Clock& clock);

  [[nodiscard]] net::HttpClient& http() { return http_; }
  [[nodiscard]] aws::Sts& sts() { return sts_; }
  /// Whom the database and the bucket know; the same object where one role serves for both.
  [[nodiscard]] aws::CredentialProvider& for_database() { return *database_; }
  [[nodiscard]] aws::CredentialProvider& for_store() { return *store_; }
  /// Who they are before they take on roles of their own.
  [[nodiscard]] aws::CredentialProvider& common() { return *common_; }
  /// Where `common()` has taken on a role: who took it on.
  [[nodiscard]] aws::CredentialProvider& chain() { return *chain_; }

 private:
  using Provider = std::shared_ptr<aws::CredentialProvider>;
  Provider on_top(const Provider& base, const std::string& role, const RoleSettings& settings,
                  const Clock& clock);

  net::HttpClient http_;
  aws::Sts sts_;
  Provider chain_, common_, database_, store_;
};

}  // namespace pgseal::cli
