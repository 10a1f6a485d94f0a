#pragma once
// Whether servers can still be verified tomorrow.

#include <string>

#include "base/clock.h"
#include "engine/check.h"

namespace pgseal::engine {

/// Looks at the certificates in the file at `path`, of which one day one is needed, nobody knows
/// which: a warning where some end within 30 days of `now` or have ended, a failure where all have.
/// `remedy` tells how to get new ones. Throws Error of `Exit::usage` where the file cannot be read.
[[nodiscard]] Finding check_certificates(const std::string& path, const std::string& remedy,
                                         TimePoint now);

}  // namespace pgseal::engine
