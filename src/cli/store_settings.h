#pragma once
// Which store.

#include <memory>
#include <optional>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"
#include "cli/environment.h"
#include "cli/problems.h"
#include "net/http_client.h"
#include "store/object_store.h"
#include "store/store_url.h"

namespace pgseal::cli {

struct StoreFlags {
  std::optional<std::string> store{}, bucket{}, prefix{}, s3_region{}, region{};
};

/// The store: `--store URL`, else `--bucket` and its companions, else the variables PGSEAL_STORE or
/// S3_BUCKET, S3_PREFIX, S3_REGION (REGION). Nothing and a problem where none or two are named.
[[nodiscard]] std::optional<store::StoreUrl> resolve_store(const StoreFlags& flags,
                                                           const Environment& environment,
                                                           Problems& problems);

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
