#pragma once
// What pg_dump and psql have in common as children.

#include <map>
#include <string>
#include <vector>

#include "postgres/conn_params.h"

namespace pgseal::postgres {

/// The password, where there is one, and messages in English, which people can look up, and we.
[[nodiscard]] std::map<std::string, std::string> child_environment(const ConnParams& params);

/// ": " and the last 20 lines joined by "; ", or "" for none.
[[nodiscard]] std::string own_words(const std::vector<std::string>& lines);

}  // namespace pgseal::postgres
