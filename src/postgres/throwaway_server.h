#pragma once
// A PostgreSQL server for a while: started, used, and gone without a trace.

#include <memory>
#include <optional>
#include <string>

#include "base/process.h"
#include "base/scratch_directory.h"
#include "postgres/conn_params.h"
#include "postgres/programs.h"

namespace pgseal::postgres {

/// Has its data in a directory of its own, listens on a socket in there and nowhere else, and has a
/// superuser of a name that nobody else has. It sees nothing of our environment, where keys may be.
/// Nothing is flushed to disk. The destructor ends it and
/// removes the directory. Where this process is killed, the server ends too, and the directory
/// stays. Belongs to one thread, with which it ends.
class ThrowAwayServer final {
 public:
  struct Options {
    Program program;         ///< "postgres"; initdb lies beside it
    std::string directory;   ///< below which it has its own
    std::size_t tables = 0;  ///< that one transaction may want to lock
  };

  /// Returns when it accepts connections. As root it runs as user "postgres", since no PostgreSQL
  /// runs as root. Throws Error of `Exit::usage` where that is not possible there, of
  /// `Exit::database` with the server's own words where it does not start.
  ThrowAwayServer(const Options& options, const std::stop_token& stop);

  /// How to enter a database as the superuser.
  [[nodiscard]] ConnParams params(const std::string& database) const;
  /// What it said last, where it has ended by itself; "" while it runs.
  [[nodiscard]] std::string last_words();

 private:
  void make_data();
  [[nodiscard]] Process::Options server_options() const;
  void wait_until_it_answers(const std::stop_token& stop);

  Options options_;
  std::optional<User> user_;
  ScratchDirectory directory_;
  StopFd stop_;
  std::unique_ptr<Process> process_;  // ends before its directory goes
};

}  // namespace pgseal::postgres
