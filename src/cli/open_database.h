#pragma once
// From settings to a database that the engine can connect to.

#include "cli/database_settings.h"
#include "cli/store_settings.h"
#include "engine/database.h"

namespace pgseal::cli {

/// `access` and `clock` must outlive the result.
[[nodiscard]] engine::Database open_database(const DatabaseSettings& settings, AwsAccess& access,
                                             const Clock& clock);

}  // namespace pgseal::cli
