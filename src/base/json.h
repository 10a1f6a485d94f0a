#pragma once
// nlohmann/json, the only place where its header is included.

#include <nlohmann/json.hpp>

namespace pgseal {
/// A JSON value. Objects keep their keys sorted, so `dump()` is a canonical form.
using Json = nlohmann::json;
}  // namespace pgseal
