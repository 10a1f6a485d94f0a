#pragma once
// How much memory an archive backup takes at the most.

#include <cstdint>
#include <string>

#include "engine/archive_backup.h"
#include "engine/object_uploader.h"

namespace pgseal::engine {

/// How many objects go at once, and how many are held: for each job one that is made, and half as
/// many and one more that wait or are on their way; to hold more costs the time in which the kernel
/// clears their memory. What the jobs finish in the same moment, as their last bundles, goes in the
/// same moment, and the catalog beside it.
[[nodiscard]] ObjectUploader::Bounds upload_bounds(const ArchiveShape& shape);

/// Bytes: for each job a bundle, a compressed chunk and the compressor's own memory; the
/// bundles that wait or are on their way to the store; and the program itself. Rows and
/// the size of the database do not come in, but for a row larger than a chunk, which is held once
/// as text and once compressed, and a few hundred bytes for each chunk of the catalog.
[[nodiscard]] std::uint64_t most_memory(const ArchiveShape& shape);

/// The same with its terms, for people: "4 jobs x (32 MiB bundle + ...) + ... = 396 MiB".
[[nodiscard]] std::string memory_formula(const ArchiveShape& shape);

}  // namespace pgseal::engine
