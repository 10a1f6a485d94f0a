#pragma once
// Ports of 127.0.0.1.

#include "base/file.h"

namespace pgseal::test {

struct Listener {
  UniqueFd fd;
  int port = 0;
};

/// Listens on a port that was free.
[[nodiscard]] Listener listen_on_loopback();

/// A port that nobody listens on just now, for servers that open their port themselves.
[[nodiscard]] int free_port();

/// True where somebody accepts connections on `port`.
[[nodiscard]] bool port_accepts(int port);

/// Makes close(2) answer the other side with RST.
void reset_on_close(int fd);

}  // namespace pgseal::test
