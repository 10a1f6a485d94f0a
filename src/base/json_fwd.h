#pragma once
// The name of base/json.h's type, for headers that only pass it on.

#include <nlohmann/json_fwd.hpp>

namespace pgseal {
/// A JSON value. Objects keep their keys sorted, so `dump()` is a canonical form.
using Json = nlohmann::json;
}  // namespace pgseal
