#include "postgres/throwaway_server.h"

#include <filesystem>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "postgres/child.h"
#include "postgres/connection.h"

namespace pgseal::postgres {

namespace fs = std::filesystem;

namespace {

constexpr const char* kServerUser = "postgres";
constexpr const char* kSocketName = ".s.PGSQL.5432";
constexpr std::size_t kMaxSocketPath = 107;  // of sockaddr_un
constexpr std::size_t kConnections = 100;
constexpr std::chrono::milliseconds kPause{20};
constexpr int kTries = 3000;  // a minute

/// Whom the server runs as, where that is not us.
std::optional<User> server_user() {
  if (!is_root()) return std::nullopt;
  const auto user = find_user(kServerUser);
  if (user) return user;
  throw Error(Exit::usage, format("cannot start a PostgreSQL server as root, and there is no user "
                                  "\"{}\" whom it could run as",
                                  kServerUser))
      .with_hint("run as another user than root, or name an empty database with --to");
}

}  // namespace

ThrowAwayServer::ThrowAwayServer(const Options& options, const std::stop_token& stop)
    : options_(options),
      user_(server_user()),
      directory_((fs::absolute(options.directory) / "pgseal-drill").string()),
      stop_(stop) {
  if ((fs::path(directory_.path()) / kSocketName).string().size() > kMaxSocketPath) {
    throw Error(Exit::usage,
                format("cannot start a server in \"{}\": that is too long for the name "
                       "of its socket",
                       directory_.path()))
        .with_hint("name a directory with a shorter name: --directory");
  }
  if (user_) give_to_user(directory_.path(), *user_);
  make_data();
  process_ = std::make_unique<Process>(server_options());
  wait_until_it_answers(stop);
}

ConnParams ThrowAwayServer::params(const std::string& database) const {
  ConnParams params;
  params.set("host", directory_.path());
  params.set("port", "5432");
  params.set("user", fs::path(directory_.path()).filename());
  params.set("dbname", database);
  return params;
}

void ThrowAwayServer::make_data() {
  const std::string initdb = fs::path(options_.program.path).replace_filename("initdb");
  Process process({.arguments = {initdb, "--pgdata=" + directory_.path() + "/data",
                                 "--username=" + params("").get("user"), "--auth=trust",
                                 "--encoding=UTF8", "--locale=C", "--no-sync"},
                   .environment = child_environment({}),
                   .inherits_environment = false,
                   .standard_output = Process::Stdio::null,
                   .user = user_});
  if (const auto status = process.wait(stop_); !status.ok()) {
    throw Error(Exit::database,
                format("cannot make a server's data in \"{}\": initdb failed with "
                       "{}{}",
                       directory_.path(), status.describe(), own_words(process.error_lines())))
        .with_hint(user_ ? format("user \"{}\", as whom the server runs, must be able to enter the "
                                  "directory: --directory",
                                  kServerUser)
                         : "");
  }
}

Process::Options ThrowAwayServer::server_options() const {
  const std::size_t locks = 64 + 3 * options_.tables / kConnections;
  Process::Options result{.arguments = {options_.program.path, "-D", directory_.path() + "/data"},
                          .environment = child_environment({}),
                          .inherits_environment = false,
                          .standard_output = Process::Stdio::null,
                          .user = user_,
                          .end_signal = SIGQUIT};  // PostgreSQL's immediate shutdown
  for (const std::string& setting : {
           std::string("listen_addresses="),
           "unix_socket_directories=" + sql_quoted(directory_.path(), '"'),
           format("max_connections={}", kConnections),
           format("max_locks_per_transaction={}", locks), std::string("port=5432"),
           std::string("fsync=off"), std::string("full_page_writes=off"),
           std::string("synchronous_commit=off"), std::string("wal_level=minimal"),
           std::string("max_wal_senders=0"), std::string("autovacuum=off"),
           std::string("log_min_error_statement=panic"),  // what it says may be shown, rows not
           std::string("log_error_verbosity=terse"),
           std::string("max_logical_replication_workers=0"),  // subscriptions stay quiet
           std::string("dynamic_shared_memory_type=mmap"),    // so all files lie in the directory
       }) {
    result.arguments.insert(result.arguments.end(), {"-c", setting});
  }
  return result;
}

void ThrowAwayServer::wait_until_it_answers(const std::stop_token& stop) {
  for (int tries = 1;; ++tries) {
    try {
      const Connection connection(params("postgres"), stop);
      return;
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      if (!process_->ended_within(kPause, stop_) && tries < kTries) continue;
      throw Error(Exit::database,
                  format("the server in \"{}\" did not start: {}", directory_.path(),
                         error.message() + own_words(process_->error_lines())));
    }
  }
}

std::string ThrowAwayServer::last_words() {
  if (!process_->ended_within(std::chrono::milliseconds(0), stop_)) return "";
  const auto status = process_->wait(stop_);
  return status.describe() + own_words(process_->error_lines());
}

}  // namespace pgseal::postgres
