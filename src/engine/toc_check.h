#pragma once
// The table of contents of a backup against its catalog.

#include <functional>
#include <map>
#include <string>

#include "backupset/catalog.h"
#include "base/error.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// Compares both ways: the entries that have data are the catalog's tables and large objects, with
/// the same names, columns and files; those that set sequences are its sequences; the large
/// objects' own tables of contents among `files` (read_toc_files()) name those of the catalog.
/// Dependencies are not looked at: pg_dump also names what it leaves out, and the boundaries of
/// sections. Hands an Error of `Exit::verification` to `report` for each thing wrong.
void check_toc(const postgres::ArchiveToc& toc, const std::map<std::string, Bytes>& files,
               const backupset::Catalog& catalog, const std::function<void(const Error&)>& report);

}  // namespace pgseal::engine
