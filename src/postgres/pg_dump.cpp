#include "postgres/pg_dump.h"

#include "base/error.h"
#include "base/format.h"
#include "postgres/child.h"
#include "postgres/snapshot.h"

namespace pgseal::postgres {

PgDump::PgDump(const Program& program, const ConnParams& params, const std::stop_token& stop)
    : stop_(stop),
      process_({.arguments = {program.path, "--no-password", "--dbname=" + params.to_conninfo()},
                .environment = child_environment(params)}) {}

std::size_t PgDump::read(ByteSpan out) { return process_.read(out, stop_); }

std::vector<std::string> PgDump::finish() {
  const auto status = process_.wait(stop_);
  std::vector<std::string> lines = process_.error_lines();
  if (!status.ok()) {
    throw with_replica_hint(Error(
        Exit::database, format("pg_dump failed with {}{}", status.describe(), own_words(lines))));
  }
  return lines;
}

}  // namespace pgseal::postgres
