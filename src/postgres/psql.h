#pragma once
// Feeds an SQL script to psql.

#include <string>
#include <vector>

#include "base/process.h"
#include "base/stream.h"
#include "postgres/conn_params.h"
#include "postgres/programs.h"

namespace pgseal::postgres {

/// Runs `psql -X -v ON_ERROR_STOP=1` on what is written to it, as a single transaction that
/// `finish()` commits. Not by --single-transaction, which takes the end of the input for a COMMIT:
/// whatever ends this process, SIGKILL too, must not commit half a script. The server's time-outs
/// are off. Belongs to one thread. Note that a plain dump of large objects holds its own BEGIN and
/// COMMIT, which end the single transaction early.
class Psql final : public Sink {
 public:
  Psql(const Program& program, const ConnParams& params, const std::stop_token& stop);

  /// Throws Error of `Exit::database` with psql's own words where it stopped at an SQL error.
  void write(ByteView bytes) override;
  void finish() override;

 private:
  [[noreturn]] void fail(const Process::Status& status) const;

  StopFd stop_;
  Process process_;
};

}  // namespace pgseal::postgres
