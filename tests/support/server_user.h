#pragma once
// The account that servers run as which refuse to run as root.

#include <string>

namespace pgseal::test {

/// Makes this process user `postgres` where it is root. For the child between fork and exec.
void become_server_user();

/// Gives `path` to that user, where this process is root; throws std::runtime_error.
void give_to_server_user(const std::string& path);

}  // namespace pgseal::test
