#include "engine/archive_memory.h"

#include "base/format.h"
#include "compress/zstd.h"

namespace pgseal::engine {

namespace {
/// The program, its libraries, connections and the TOC of an ordinary database.
constexpr std::uint64_t kProgram = 40 * kMiB;

unsigned on_their_way(const ArchiveShape& shape) {
  return upload_bounds(shape).objects - shape.jobs;
}
}  // namespace

ObjectUploader::Bounds upload_bounds(const ArchiveShape& shape) {
  return {.threads = shape.jobs + 1, .objects = shape.jobs + shape.jobs / 2 + 1};
}

std::uint64_t most_memory(const ArchiveShape& shape) {
  const std::uint64_t job = shape.bundle_size + compress::zstd_bound(shape.chunk_size) +
                            compress::zstd_encoder_memory(shape.zstd_level);
  return shape.jobs * job + on_their_way(shape) * std::uint64_t{shape.bundle_size} + kProgram;
}

std::string memory_formula(const ArchiveShape& shape) {
  return format(
      "{} jobs x ({} bundle + {} chunk + {} zstd) + {} bundles on their way x {} + {} = {}",
      shape.jobs, format_size(shape.bundle_size),
      format_size(compress::zstd_bound(shape.chunk_size)),
      format_size(compress::zstd_encoder_memory(shape.zstd_level)), on_their_way(shape),
      format_size(shape.bundle_size), format_size(kProgram), format_size(most_memory(shape)));
}

}  // namespace pgseal::engine
