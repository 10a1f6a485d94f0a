#pragma once
// fmt, the only place where its header is included.

#include <fmt/format.h>

namespace pgseal {
using fmt::format;
}  // namespace pgseal
