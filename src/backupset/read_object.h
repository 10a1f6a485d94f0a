#pragma once
// Small objects, read whole.

#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "store/object_store.h"

namespace pgseal::backupset {

/// One object, of at most `limit` bytes (more is an Error of `Exit::verification`); nothing where
/// it does not exist.
[[nodiscard]] std::optional<std::string> read_object(store::ObjectStore& store,
                                                     const std::string& key,
                                                     const std::stop_token& stop,
                                                     std::size_t limit = kMiB);

/// Whether an Error of reading or parsing an object is about that object alone: damaged, or out of
/// reach (archived, its key denied). It must not hide the other objects of a listing.
[[nodiscard]] bool concerns_one_object(const Error& error);

}  // namespace pgseal::backupset
