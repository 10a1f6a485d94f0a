#include "support/pooler.h"

#include <stdexcept>

#include "base/format.h"
#include "support/loopback.h"
#include "support/server_user.h"

namespace pgseal::test {

Pooler::Pooler(const PostgresServer& server, const std::string& mode) : port_(free_port()) {
  const std::string config = directory_ / "pgbouncer.ini";
  write_text(config, format("[databases]\n* = host={} port={} user=postgres\n"
                            "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\n"
                            "unix_socket_dir =\nauth_type = any\npool_mode = {}\n"
                            "ignore_startup_parameters = extra_float_digits,options\n",
                            server.socket_dir(), server.port(), port_, mode));
  give_to_server_user(directory_.path());
  give_to_server_user(config);
  CommandOptions options;
  options.in_child = become_server_user;
  process_ =
      std::make_unique<RunningCommand>(std::vector<std::string>{"pgbouncer", config}, options);
  if (!process_->wait_for_error_text("process up")) {
    throw std::runtime_error("pgbouncer did not start: " + process_->error_so_far());
  }
}

std::string Pooler::conninfo(const std::string& database) const {
  return format("host=127.0.0.1 port={} user=postgres dbname={} sslmode=disable", port_, database);
}

}  // namespace pgseal::test
