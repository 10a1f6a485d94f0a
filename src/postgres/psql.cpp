#include "postgres/psql.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "postgres/child.h"
#include "postgres/connection.h"

namespace pgseal::postgres {

Psql::Psql(const Program& program, const ConnParams& params, const std::stop_token& stop)
    : stop_(stop),
      process_(
          {.arguments = {program.path, "--no-psqlrc", "--quiet", "--no-password",
                         "--set=ON_ERROR_STOP=1", "--file=-", "--dbname=" + params.to_conninfo()},
           .environment = child_environment(params),
           .standard_input = Process::Stdio::pipe,
           .standard_output = Process::Stdio::null}) {
  // A dump of an older server's does not know them all.
  write(as_bytes(format("{};\nBEGIN;\n", kNoTimeouts)));
}

void Psql::write(ByteView bytes) {
  if (!process_.write(bytes, stop_)) fail(process_.wait(stop_));
}

void Psql::finish() {
  write(as_bytes("COMMIT;\n"));
  process_.close_input();
  if (const auto status = process_.wait(stop_); !status.ok()) fail(status);
}

void Psql::fail(const Process::Status& status) const {
  // Notices come before the error; the error is what stopped it.
  std::vector<std::string> lines = process_.error_lines();
  const auto is_error = [](const std::string& line) {
    return line.find("ERROR:") != std::string::npos || line.find("error:") != std::string::npos ||
           line.find("FATAL:") != std::string::npos;
  };
  lines.erase(lines.begin(), std::find_if(lines.begin(), lines.end(), is_error));
  if (lines.empty()) lines = process_.error_lines();
  throw Error(Exit::database, format("psql failed with {}{}", status.describe(), own_words(lines)));
}

}  // namespace pgseal::postgres
