#pragma once
// How much memory an archive backup takes at the most.

#include <cstdint>
#include <string>

#include "engine/archive_backup.h"

namespace pgseal::engine {

/// Bytes: for each job a bundle, a compressed chunk and the compressor's own memory; one bundle
/// more for each of `jobs` + 1 that are on their way to the store; and the program itself. Rows and
/// the size of the database do not come in, but for a row larger than a chunk, which is held once
/// as text and once compressed, and a few hundred bytes for each chunk of the catalog.
[[nodiscard]] std::uint64_t most_memory(const ArchiveShape& shape);

/// The same with its terms, for people: "4 jobs x (32 MiB bundle + ...) + ... = 396 MiB".
[[nodiscard]] std::string memory_formula(const ArchiveShape& shape);

}  // namespace pgseal::engine
