#pragma once
// Which store.

#include <memory>
#include <optional>

#include "aws/credentials.h"
#include "base/clock.h"
#include "cli/configuration.h"
#include "net/http_client.h"
#include "store/object_store.h"
#include "store/store_url.h"

namespace pgseal::cli {

/// The store: `store`, or `bucket` with its companions, whichever is stronger. Nothing and a
/// problem where there is none, or both are equally strong.
[[nodiscard]] std::optional<store::StoreUrl> resolve_store(Configuration& configuration);

/// What reaching AWS takes: one HTTP client and one credential chain for all. Must outlive what is
/// made with it.
struct AwsAccess {
  net::HttpClient http;
  std::unique_ptr<aws::CredentialProvider> credentials;

  AwsAccess(const Environment& environment, const Clock& clock);
};

[[nodiscard]] std::unique_ptr<store::ObjectStore> open_store(const store::StoreUrl& url,
                                                             AwsAccess& access, const Clock& clock);

}  // namespace pgseal::cli
