#pragma once
// Runs pg_dump in its plain format.

#include <string>
#include <vector>

#include "base/process.h"
#include "base/stream.h"
#include "postgres/conn_params.h"
#include "postgres/programs.h"

namespace pgseal::postgres {

/// The SQL script that pg_dump writes, as a source. The end of the source proves nothing: only
/// `finish()` tells whether the dump is whole. Belongs to one thread; destroying it ends pg_dump,
/// which then cancels its own query on the server.
class PgDump final : public Source {
 public:
  /// `password` goes into pg_dump's environment, never into its arguments.
  PgDump(const Program& program, const ConnParams& params, const std::stop_token& stop);

  [[nodiscard]] std::size_t read(ByteSpan out) override;

  /// After the end of the source: throws Error of `Exit::database` with pg_dump's own words unless
  /// it ended with 0. Returns what it wrote to standard error, line by line.
  [[nodiscard]] std::vector<std::string> finish();

 private:
  StopFd stop_;
  Process process_;
};

}  // namespace pgseal::postgres
