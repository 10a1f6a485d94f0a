#pragma once
// What stands before a server: TLS, a proxy, another address.

#include <string>
#include <vector>

#include "support/certificates.h"
#include "support/command.h"

namespace pgseal::test {

/// A program on a port of its own that forwards to `target_port` of 127.0.0.1 until destroyed; see
/// relay.py. The constructor throws std::runtime_error where it does not start.
class Relay final {
 public:
  enum class Kind {
    tcp6,     ///< at [::1]
    tls,      ///< at 127.0.0.1, with `certificates`
    connect,  ///< at 127.0.0.1, as a proxy that is asked to CONNECT
  };
  Relay(Kind kind, int target_port, const Certificates* certificates = nullptr);

  [[nodiscard]] int port() const { return port_; }
  /// The hosts and ports that a proxy was asked for, "host:443", in order.
  [[nodiscard]] std::vector<std::string> asked_for() const;

 private:
  RunningCommand command_;
  int port_ = 0;
};

}  // namespace pgseal::test
