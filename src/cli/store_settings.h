#pragma once
// Which store.

#include <memory>
#include <optional>

#include "base/clock.h"
#include "cli/aws_access.h"
#include "cli/configuration.h"
#include "store/object_store.h"
#include "store/s3_address.h"
#include "store/s3_object_options.h"
#include "store/store_url.h"

namespace pgseal::cli {

struct StoreSettings {
  store::StoreUrl url;
  aws::EndpointKind endpoint_kind{};
  store::Addressing addressing = store::Addressing::automatic;
  store::S3RequestOptions requests{};
  store::S3Dialect dialect{};        ///< for who writes
  store::S3ObjectOptions objects{};  ///< for who writes
};

/// The store: `store`, or `bucket` with its companions, whichever is stronger. Nothing and a
/// problem where there is none, or both are equally strong.
[[nodiscard]] std::optional<StoreSettings> resolve_store(Configuration& configuration);
/// The same, with what is told to S3 about objects that are written from `now` on.
[[nodiscard]] std::optional<StoreSettings> resolve_store_to_write(Configuration& configuration,
                                                                  TimePoint now);

/// Of a store that is one of S3.
[[nodiscard]] store::S3Options s3_options(const StoreSettings& settings);
[[nodiscard]] std::unique_ptr<store::ObjectStore> open_store(const StoreSettings& settings,
                                                             AwsAccess& access, const Clock& clock);

}  // namespace pgseal::cli
