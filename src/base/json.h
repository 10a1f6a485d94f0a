#pragma once
// nlohmann/json, the only place where its header is included.

#include <nlohmann/json.hpp>

#include "base/json_fwd.h"
