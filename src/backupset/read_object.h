#pragma once
// Small objects, read whole.

#include <optional>
#include <stop_token>
#include <string>

#include "store/object_store.h"

namespace pgseal::backupset {

/// One object, of at most `limit` bytes (more is an Error of `Exit::verification`); nothing where
/// it does not exist.
[[nodiscard]] std::optional<std::string> read_object(store::ObjectStore& store,
                                                     const std::string& key,
                                                     const std::stop_token& stop,
                                                     std::size_t limit = kMiB);

}  // namespace pgseal::backupset
