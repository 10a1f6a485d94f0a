#pragma once
// How far a verb has come, for whoever shows it.

#include <atomic>
#include <cstdint>

namespace pgseal::engine {

/// Counters that the workers raise and any thread may read. Bytes.
struct Progress {
  std::atomic<std::uint64_t> dumped{0};       ///< SQL read from pg_dump, or given to psql
  std::atomic<std::uint64_t> compressed{0};   ///< the same, compressed
  std::atomic<std::uint64_t> transferred{0};  ///< given to the store, or read from it
};

}  // namespace pgseal::engine
