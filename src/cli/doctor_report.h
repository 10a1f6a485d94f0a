#pragma once
// What doctor found, for people and for programs.

#include <string>

#include "base/json_fwd.h"
#include "engine/check.h"

namespace pgseal::cli {

/// A line for each check, the remedies below it, and how many there are of each state.
[[nodiscard]] std::string doctor_text(const engine::Checks& checks);

/// {"checks": [{"subject", "name", "state", "reason", "remedy", "objects"}], "exit_code"}; "remedy"
/// and "objects" only where there are any.
[[nodiscard]] Json doctor_json(const engine::Checks& checks);

}  // namespace pgseal::cli
