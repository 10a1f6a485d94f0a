#pragma once
// Which relations a dump has, as a query of the catalogs.

#include <string>

namespace pgseal::postgres {

/// A row's name with its schema, quoted where they have to be: `public."My Table"`.
inline constexpr const char* kRelationName = "pg_catalog.format('%I.%I', n.nspname, c.relname)";

/// Selects `columns` of what is dumped and for which `condition` holds, with `c`, a row of
/// pg_class, and `n`, its pg_namespace. What is dumped is what pg_dump's `selectDumpableTable` and
/// `selectDumpableNamespace` choose: neither the server's own, nor temporary, nor an extension's,
/// but for the configuration tables of one.
[[nodiscard]] std::string select_dumped(const std::string& columns,
                                        const std::string& condition = "true");

}  // namespace pgseal::postgres
