#pragma once
// Names as SQL statements have them, in quotes where they have to be.

#include <string>
#include <string_view>
#include <vector>

namespace pgseal::postgres {

/// The length of the identifier that `text` begins with, in quotes or not.
[[nodiscard]] std::size_t identifier_size(std::string_view text);

/// The same for one that may have a schema before it.
[[nodiscard]] std::size_t qualified_size(std::string_view text);

/// The name that an identifier stands for.
[[nodiscard]] std::string unquoted(std::string_view identifier);

/// The identifiers in a list that `list` begins with: `a, "b c"`.
[[nodiscard]] std::vector<std::string_view> identifiers_in_list(std::string_view list);
/// The same as the names that they stand for.
[[nodiscard]] std::vector<std::string> names_in_list(std::string_view list);

}  // namespace pgseal::postgres
