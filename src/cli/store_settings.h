#pragma once
// Which store.

#include <memory>
#include <optional>

#include "aws/credentials.h"
#include "base/clock.h"
#include "cli/configuration.h"
#include "net/http_client.h"
#include "store/object_store.h"
#include "store/s3_object_options.h"
#include "store/store_url.h"

namespace pgseal::cli {

struct StoreSettings {
  store::StoreUrl url;
  store::S3RequestOptions requests{};
  store::S3ObjectOptions objects{};  ///< for who writes
};

/// The store: `store`, or `bucket` with its companions, whichever is stronger. Nothing and a
/// problem where there is none, or both are equally strong.
[[nodiscard]] std::optional<StoreSettings> resolve_store(Configuration& configuration);
/// The same, with what is told to S3 about objects that are written from `now` on.
[[nodiscard]] std::optional<StoreSettings> resolve_store_to_write(Configuration& configuration,
                                                                  TimePoint now);

/// What reaching AWS takes: one HTTP client and one credential chain for all. Must outlive what is
/// made with it.
struct AwsAccess {
  net::HttpClient http;
  std::unique_ptr<aws::CredentialProvider> credentials;

  AwsAccess(Configuration& configuration, const Clock& clock);
};

[[nodiscard]] std::unique_ptr<store::ObjectStore> open_store(const StoreSettings& settings,
                                                             AwsAccess& access, const Clock& clock);

}  // namespace pgseal::cli
