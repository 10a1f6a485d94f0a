#include "support/postgres_server.h"

#include <poll.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>

#include "base/file.h"
#include "base/format.h"
#include "support/loopback.h"
#include "support/server_user.h"

namespace fs = std::filesystem;

namespace pgseal::test {
namespace {

constexpr std::chrono::seconds kStartDeadline{60};
constexpr std::chrono::seconds kStopDeadline{20};

CommandOptions server_options() {
  CommandOptions options;
  options.environment = {{"LC_ALL", "C.UTF-8"}};
  options.clear_environment = {"PG*"};
  options.in_child = become_server_user;
  options.death_signal = SIGQUIT;  // PostgreSQL's immediate shutdown
  return options;
}

int newest_installed_version() {
  const std::vector<int> versions = installed_postgres_versions();
  if (versions.empty()) throw std::runtime_error("no PostgreSQL server is installed");
  return versions.back();
}

void make_server_directory(const std::string& path) {
  fs::create_directory(path);
  give_to_server_user(path);
}

// initdb takes more than a second, a copy of its result hardly any: once for each test program.
const std::string& initialised_data(int version) {
  static TempDir directory;
  static std::map<int, std::string> made;
  std::string& path = made[version];
  if (path.empty()) {
    const std::string target = directory / std::to_string(version);
    make_server_directory(target);
    run_ok({postgres_bin_dir(version) + "/initdb", "--pgdata", target, "--username=postgres",
            "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"},
           server_options());
    path = target;
  }
  return path;
}

// A server that was killed leaves its segment; line 7 of its pid file has the segment's number.
void remove_shared_memory(const std::string& data_dir) {
  const std::string pid_file = data_dir + "/postmaster.pid";
  if (!fs::exists(pid_file)) return;
  std::istringstream lines(read_text(pid_file));
  std::string line;
  for (int i = 0; i < 7; ++i) std::getline(lines, line);
  long key = 0;
  int segment = 0;
  if (std::istringstream(line) >> key >> segment) ::shmctl(segment, IPC_RMID, nullptr);
}

}  // namespace

PostgresServer::PostgresServer() : PostgresServer(Options{}) {}

PostgresServer::PostgresServer(Options options) : options_(std::move(options)) {
  version_ = options_.version != 0 ? options_.version : newest_installed_version();
  bin_dir_ = postgres_bin_dir(version_);
  give_to_server_user(directory_.path());
  prepare_extensions();
  prepare_data();
  // Somebody else may take the port before the server does.
  for (int attempt = 0; attempt < 3; ++attempt) {
    port_ = free_port();
    write_configuration();
    if (launch()) return;
    if (log().find("Address already in use") == std::string::npos) break;
  }
  throw std::runtime_error("PostgreSQL did not start: " + log());
}

PostgresServer::~PostgresServer() { stop_with(SIGQUIT); }

void PostgresServer::prepare_extensions() const {
  if (options_.extensions.empty()) return;
  fs::create_directories(fs::path(extension_dir()).parent_path());
  fs::copy(options_.extensions, extension_dir());
  run_ok({"chmod", "--recursive", "a+rX", directory_.path()});  // the source may be closed to it
}

void PostgresServer::copy_primary() const {
  run_ok({bin_dir_ + "/pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
          "--username=postgres", "--host=" + options_.primary->socket_dir(),
          "--port=" + std::to_string(options_.primary->port()), "--pgdata=" + data_dir()},
         server_options());
}

void PostgresServer::prepare_data() const {
  if (options_.primary != nullptr) return copy_primary();
  run_ok({"cp", "-a", "--reflink=auto", initialised_data(version_), data_dir()});
  if (options_.tls == nullptr) return;
  const std::map<std::string, std::string> files = {{"server.pem", options_.tls->cert_pem()},
                                                    {"server.key", options_.tls->key_pem()}};
  for (const auto& [name, source] : files) {
    const std::string target = data_dir() + "/" + name;
    run_ok({"install", "-m", "600", source, target});
    give_to_server_user(target);
  }
}

// Debian's servers look below a destination directory as if they were installed there, until 18
// brought PostgreSQL's own setting.
std::string PostgresServer::extension_dir() const {
  const fs::path usr = fs::path(bin_dir_) / "../../../..";
  return directory_.path() + (usr.lexically_normal() / "share/postgresql").string() +
         format("/{}/extension", version_);
}

std::string PostgresServer::extension_setting() const {
  return version_ < 18 ? format("extension_destdir = '{}'", directory_.path())
                       : format("extension_control_path = '$system:{}'",
                                fs::path(extension_dir()).parent_path().string());
}

void PostgresServer::write_configuration() const {
  std::string config = format(
      "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n"
      "max_connections = 50\nwal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = '2GB'\n"
      "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\njit = off\n"
      "dynamic_shared_memory_type = mmap\n",  // so that all files lie in our directory
      port_, socket_dir());
  if (options_.tls != nullptr) {
    config += "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n";
  }
  if (!options_.extensions.empty()) config += extension_setting() + "\n";
  for (const std::string& line : options_.config) config += line + "\n";
  std::string hba;
  for (const std::string& line : options_.hba) hba += line + "\n";
  hba += "local all all trust\nhost all all 127.0.0.1/32 ";
  hba += options_.auth == Auth::trust ? "trust\n" : "scram-sha-256\n";
  for (const auto& [name, text] :
       std::map<std::string, std::string>{{"postgresql.conf", config}, {"pg_hba.conf", hba}}) {
    write_text(data_dir() + "/" + name, text);
  }
}

bool PostgresServer::launch() {
  process_ = std::make_unique<RunningCommand>(
      std::vector<std::string>{bin_dir_ + "/postgres", "-D", data_dir()}, server_options());
  const std::vector<std::string> question = {
      bin_dir_ + "/pg_isready", "-q", "-h", socket_dir(), "-p", std::to_string(port_)};
  return wait_until([&] { return !process_->running() || run(question).ok(); }, kStartDeadline) &&
         process_->running();
}

void PostgresServer::start() {
  if (!launch()) throw std::runtime_error("PostgreSQL did not start: " + log());
}

void PostgresServer::stop() { stop_with(SIGINT); }

void PostgresServer::stop_with(int signal) {
  if (!process_) return;
  process_->send_signal(signal);
  process_->join(kStopDeadline);
  remove_shared_memory(data_dir());
}

void PostgresServer::kill_hard() {
  // Stopped, it can start no more children while we look.
  process_->send_signal(SIGSTOP);
  std::vector<UniqueFd> children;
  for (const pid_t child : children_of(pid())) {
    children.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    ::kill(child, SIGKILL);
  }
  process_->send_signal(SIGKILL);
  process_->join();
  for (const UniqueFd& child : children) {
    pollfd end{child.get(), POLLIN, 0};
    ::poll(&end, 1, -1);
  }
  remove_shared_memory(data_dir());
}

std::string PostgresServer::run_psql(const std::string& database,
                                     const std::vector<std::string>& arguments,
                                     const std::string& input) const {
  std::vector<std::string> argv = {bin_dir_ + "/psql",
                                   "-XAtq",
                                   "-v",
                                   "ON_ERROR_STOP=1",
                                   "-h",
                                   socket_dir(),
                                   "-p",
                                   std::to_string(port_),
                                   "-U",
                                   "postgres",
                                   "-d",
                                   database};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  CommandOptions options;
  options.clear_environment = {"PG*"};
  options.input = input;
  std::string output = run_ok(argv, options);
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::string PostgresServer::psql(const std::string& database, const std::string& sql) const {
  return run_psql(database, {"-f", "-"}, sql);
}

std::string PostgresServer::psql_file(const std::string& database, const std::string& path) const {
  return run_psql(database, {"-f", path}, "");
}

void PostgresServer::create_database(const std::string& name) const {
  run_psql("postgres", {"-v", "name=" + name, "-f", "-"}, "CREATE DATABASE :\"name\";");
}

std::string PostgresServer::conninfo(const std::string& database) const {
  return format("host={} port={} user=postgres dbname={}", host(), port_, database);
}

std::string PostgresServer::log() const { return process_->error_so_far(); }
pid_t PostgresServer::pid() const { return process_->pid(); }

}  // namespace pgseal::test
