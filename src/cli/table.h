#pragma once
// Tables for people, in columns of equal width.

#include <string>
#include <vector>

namespace pgseal::cli {

/// Rows of text, each column as wide as its widest cell. Names of databases and tables may hold
/// anything, and so are made printable.
[[nodiscard]] std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace pgseal::cli
