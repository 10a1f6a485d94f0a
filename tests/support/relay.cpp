#include "support/relay.h"

#include <sstream>
#include <stdexcept>

namespace pgseal::test {

namespace {

std::vector<std::string> command_of(Relay::Kind kind, int target_port,
                                    const Certificates* certificates) {
  const char* mode = kind == Relay::Kind::tcp6  ? "tcp6"
                     : kind == Relay::Kind::tls ? "tls"
                                                : "connect";
  std::vector<std::string> command{"/usr/bin/python3", PGSEAL_TEST_SUPPORT_DIR "/relay.py", mode,
                                   std::to_string(target_port)};
  if (certificates != nullptr) {
    command.push_back(certificates->cert_pem());
    command.push_back(certificates->key_pem());
  }
  return command;
}

}  // namespace

Relay::Relay(Kind kind, int target_port, const Certificates* certificates)
    : command_(command_of(kind, target_port, certificates)) {
  const auto started = [&] { return command_.output_so_far().find('\n') != std::string::npos; };
  if (!wait_until([&] { return started() || !command_.running(); }) || !started()) {
    throw std::runtime_error("a relay did not start: " + command_.error_so_far());
  }
  port_ = std::stoi(command_.output_so_far());
}

std::vector<std::string> Relay::asked_for() const {
  const std::string kBeginning = "CONNECT ";
  std::istringstream output(command_.output_so_far());
  std::vector<std::string> asked;
  for (std::string line; std::getline(output, line);) {
    if (line.starts_with(kBeginning)) asked.push_back(line.substr(kBeginning.size()));
  }
  return asked;
}

}  // namespace pgseal::test
