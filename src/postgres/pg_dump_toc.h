#pragma once
// Lets pg_dump decide what a backup holds, without letting it dump any data.

#include <chrono>
#include <string>
#include <vector>

#include "base/process.h"
#include "postgres/archive_toc.h"
#include "postgres/conn_params.h"
#include "postgres/pg_dump_options.h"
#include "postgres/programs.h"

namespace pgseal::postgres {

/// A pg_dump that writes a custom archive to a pipe, of which only the table of contents is read.
/// From `read()` to `close()` it waits for a reader of its data, and so keeps its locks on all
/// tables, unless what is left of the archive fits into the pipe (a few KiB). Belongs to one
/// thread; destroying it ends pg_dump. All errors are of `Exit::database`, in pg_dump's own words.
class PgDumpToc final {
 public:
  struct Options {
    std::string snapshot{};  ///< as pg_export_snapshot() names it
    PgDumpOptions pass_through{};
    /// For each table's lock, where `pass_through` does not say it.
    std::chrono::milliseconds lock_wait_timeout = std::chrono::seconds(60);
  };

  /// `password` goes into pg_dump's environment, never into its arguments. Throws Error of
  /// `Exit::usage` where this pg_dump is too old for an option.
  PgDumpToc(const Program& program, const ConnParams& params, const Options& options,
            const std::stop_token& stop);

  /// Head and TOC, with `apply_to()` done. Once only. pg_dump writes whole buffers, so this may
  /// have to wait for its first 4 KiB of data.
  [[nodiscard]] ArchiveToc read();

  /// False where pg_dump has ended, and its locks with it. When this is true after locks of one's
  /// own were taken, no table changed in between.
  [[nodiscard]] bool holds_locks() const;

  /// After `read()`: ends pg_dump and returns its warnings, line by line. Throws where it had
  /// failed before.
  [[nodiscard]] std::vector<std::string> close();

 private:
  StopFd stop_;
  PgDumpOptions pass_through_;
  Process process_;
};

}  // namespace pgseal::postgres
