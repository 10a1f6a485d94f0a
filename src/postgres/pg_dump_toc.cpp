#include "postgres/pg_dump_toc.h"

#include <signal.h>

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "postgres/child.h"

namespace pgseal::postgres {

namespace {

/// One page, the least that there is: the less pg_dump can be ahead of us, the sooner it stands
/// still.
constexpr std::size_t kPipeSize = 4 * kKiB;
/// For the signal that a closed pipe sends, which comes with the next write.
constexpr std::chrono::milliseconds kBrokenPipeGrace{500};

Process::Options process_options(const Program& program, const ConnParams& params,
                                 const PgDumpToc::Options& options) {
  require_pg_dump(options.pass_through, program.major());
  Process::Options result;
  result.arguments = {program.path,
                      "--format=custom",
                      "--compress=0",
                      "--no-password",
                      "--dbname=" + params.to_conninfo(),
                      "--snapshot=" + options.snapshot};
  if (options.pass_through.lock_wait_timeout.empty()) {
    result.arguments.push_back(format("--lock-wait-timeout={}", options.lock_wait_timeout.count()));
  }
  result.arguments.insert(result.arguments.end(), options.pass_through.arguments.begin(),
                          options.pass_through.arguments.end());
  result.environment = child_environment(params);
  result.environment["LC_ALL"] = "C";  // is_error() below has to know its words
  result.output_pipe_size = kPipeSize;
  return result;
}

bool is_error(const std::string& line) {
  return line.starts_with("pg_dump: error:") || line.starts_with("pg_dump: fatal:");
}

/// What it says of the end that we made.
bool is_our_doing(const std::string& line) {
  return line == "pg_dump: terminated by user" ||
         line == "pg_dump: error: could not write to output file: Broken pipe";
}

Error failure(const Process::Status& status, const std::vector<std::string>& lines) {
  return Error(Exit::database,
               format("pg_dump failed with {}{}", status.describe(), own_words(lines)));
}

/// pg_dump's output, whose end is an error: it comes after the table of contents.
class DumpSource final : public Source {
 public:
  DumpSource(Process& process, const StopFd& stop) : process_(process), stop_(stop) {}

  std::size_t read(ByteSpan out) override {
    const std::size_t n = process_.read(out, stop_);
    if (n == 0) {
      const auto status = process_.wait(stop_);
      throw failure(status, process_.error_lines());
    }
    return n;
  }

 private:
  Process& process_;
  const StopFd& stop_;
};

}  // namespace

PgDumpToc::PgDumpToc(const Program& program, const ConnParams& params, const Options& options,
                     const std::stop_token& stop)
    : stop_(stop),
      pass_through_(options.pass_through),
      process_(process_options(program, params, options)) {}

ArchiveToc PgDumpToc::read() {
  DumpSource source(process_, stop_);
  ArchiveToc toc = read_custom_toc(source);
  apply_to(toc, pass_through_);
  return toc;
}

bool PgDumpToc::holds_locks() const {
  return !process_.ended_within(std::chrono::milliseconds(0), stop_);
}

std::vector<std::string> PgDumpToc::close() {
  const bool was_running = holds_locks();
  process_.close_output();
  // Where it writes nothing for long (a table of dead rows, a foreign one), no closed pipe ends it.
  // On SIGTERM it cancels its query on the server, too.
  if (!process_.ended_within(kBrokenPipeGrace, stop_)) process_.kill(SIGTERM);
  const auto status = process_.wait(stop_);
  std::vector<std::string> lines = process_.error_lines();
  const bool said_so = std::erase_if(lines, is_our_doing) > 0;
  const bool ended_by_us =
      was_running && (said_so || status.signal == SIGPIPE || status.signal == SIGTERM);
  if ((!status.ok() && !ended_by_us) || std::any_of(lines.begin(), lines.end(), is_error)) {
    throw failure(status, process_.error_lines());
  }
  return lines;
}

}  // namespace pgseal::postgres
