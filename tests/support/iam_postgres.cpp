#include "support/iam_postgres.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "base/format.h"
#include "base/json.h"
#include "support/botocore.h"
#include "support/command.h"
#include "support/server_user.h"

namespace fs = std::filesystem;

namespace pgseal::test {
namespace {

constexpr const char* kPamDirectory = "/etc/pam.d";
constexpr std::string_view kServiceStart =
    "pgseal-test-";  // then the number of the process, then a count

// PAM reads no other directory, so a killed test leaves its service; whoever comes next removes it.
void remove_stale_services() {
  for (const auto& entry : fs::directory_iterator(kPamDirectory)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kServiceStart)) continue;
    const pid_t owner = std::atoi(name.c_str() + kServiceStart.size());
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove(entry.path());
  }
}

std::string new_service_name() {
  static int count = 0;
  return format("{}{}-{}", kServiceStart, ::getpid(), ++count);
}

}  // namespace

IamPostgres::IamPostgres() : IamPostgres(Options{}) {}

IamPostgres::IamPostgres(Options options)
    : options_(std::move(options)), certificates_(options_.host), pam_service_(new_service_name()) {
  write_text(directory_ / "log", "");
  give_to_server_user(directory_ / "log");
  PostgresServer::Options server;
  server.config = options_.config;
  server.hba = {"hostssl all app 127.0.0.1/32 pam pamservice=" + pam_service_,
                "host all all 0.0.0.0/0 reject"};
  server.host = options_.host;
  server.tls = &certificates_;
  server_ = std::make_unique<PostgresServer>(std::move(server));
  if (options_.token_host_port.empty()) {
    options_.token_host_port = format("{}:{}", options_.host, port());
  }
  write_rules();
  server_->psql("postgres", "CREATE ROLE app LOGIN");
  install_pam_service();
}

IamPostgres::~IamPostgres() {
  std::error_code ignored;
  fs::remove(fs::path(kPamDirectory) / pam_service_, ignored);
}

IamPostgres::Key IamPostgres::long_lived_key() {
  return {"AKIAPGSEALTEST", "long-lived-secret", ""};
}

IamPostgres::Key IamPostgres::temporary_key() {
  std::string token = "FwoGZXIvYXdzE/+";  // as AWS's begin, with what a query has to escape
  while (token.size() < 1100) token += "Session/Token+of+the+test";
  return {"ASIAPGSEALTEST", "temporary-secret", token + "=="};
}

void IamPostgres::expect_token_for(const std::string& host_port) {
  options_.token_host_port = host_port;
  write_rules();
}

void IamPostgres::accept_key(Key key) {
  more_keys_.push_back(std::move(key));
  write_rules();
}

void IamPostgres::set_token_life(std::chrono::seconds life) {
  options_.token_life = life;
  write_rules();
}

void IamPostgres::write_rules() const {
  Json rules = {{"host", options_.token_host_port},
                {"region", options_.region},
                {"life", options_.token_life.count()}};
  std::vector<Key> keys{long_lived_key(), temporary_key()};
  keys.insert(keys.end(), more_keys_.begin(), more_keys_.end());
  for (const Key& key : keys) {
    rules["keys"][key.id] = {{"secret", key.secret}};
    if (!key.session_token.empty()) rules["keys"][key.id]["token"] = key.session_token;
  }
  // Renamed into place, since a connection may be judged just now.
  write_text(directory_ / "rules.json.new", rules.dump());
  fs::rename(directory_ / "rules.json.new", directory_ / "rules.json");
}

// Module and program are copied to where the server's user can read them.
void IamPostgres::install_pam_service() {
  remove_stale_services();
  const std::string module = directory_ / "pam_token_exec.so",
                    program = directory_ / "verify_token.py";
  fs::copy_file(PGSEAL_TEST_PAM_MODULE, module);
  fs::copy_file(PGSEAL_TEST_SUPPORT_DIR "/iam/verify_token.py", program);
  write_text(fs::path(kPamDirectory) / pam_service_,
             format("auth required {} /usr/bin/python3 {} {} {}\naccount required pam_permit.so\n",
                    module, program, directory_ / "rules.json", directory_ / "log"));
}

std::vector<std::string> IamPostgres::accepted() const { return verdicts("accepted "); }
std::vector<std::string> IamPostgres::refused() const { return verdicts("refused "); }

std::vector<std::string> IamPostgres::verdicts(std::string_view kind) const {
  std::istringstream log(read_text(directory_ / "log"));
  std::vector<std::string> result;
  for (std::string line; std::getline(log, line);) {
    if (line.starts_with(kind)) result.push_back(line.substr(kind.size()));
  }
  return result;
}

std::string why_no_iam_postgres() {
  std::string reason;
  if (::geteuid() != 0) {
    reason = "only root can write /etc/pam.d";
  } else if (installed_postgres_versions().empty()) {
    reason = "no PostgreSQL server is installed";
  } else {
    reason = missing_botocore();
  }
  return reason;
}

}  // namespace pgseal::test
