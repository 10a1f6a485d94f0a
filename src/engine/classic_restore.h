#pragma once
// The verb `restore` for the classic format.

#include <string>

#include "engine/classic_reader.h"
#include "engine/database.h"

namespace pgseal::engine {

/// What may already be in the database that is restored into.
enum class Target { must_be_empty, may_hold_objects };

struct ClassicRestoreOptions {
  Database target;
  Target target_state = Target::must_be_empty;
  std::string program_path;  ///< PATH, where psql is looked for too
};

struct ClassicRestoreReport {
  std::string database;        ///< restored into
  std::uint64_t sql_size = 0;  ///< bytes
};

/// Proves the whole backup, then feeds its SQL to psql in a single transaction. Throws Error of
/// `Exit::verification` before any SQL reaches the target, of `Exit::database` where psql stopped
/// at an error; the message says whether the target was left as it was.
[[nodiscard]] ClassicRestoreReport restore_classic(const ClassicRestoreOptions& options,
                                                   ClassicReader& reader, Progress& progress,
                                                   const std::stop_token& stop);

}  // namespace pgseal::engine
