#pragma once
// A stream through bzip2 on several threads.

#include "base/rate_limit.h"
#include "base/stream.h"
#include "base/task_group.h"
#include "engine/progress.h"

namespace pgseal::engine {

/// Reads `source` to its end, at `limiter`'s pace, and writes it to `sink` as one bzip2 stream.
/// Does not finish `sink`.
///
/// The calling thread reads and cuts blocks; `jobs` threads compress them; one thread joins them in
/// their order and writes. All run in `group`, which has ended when this returns. At most
/// 2 x `jobs` + 2 blocks are held at once, each below 2 MiB, beside bzip2's own 8 MiB a job.
/// Throws the first error of any of them; `source` and `sink` should hear the stop of
/// `group.token()`.
void compress_bzip2(Source& source, Sink& sink, unsigned jobs, RateLimiter& limiter,
                    Progress& progress, TaskGroup& group);

}  // namespace pgseal::engine
