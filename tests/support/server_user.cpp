#include "support/server_user.h"

#include <unistd.h>

#include <stdexcept>

#include "base/user.h"

namespace pgseal::test {
namespace {

// Looked up once, before any fork: the child may not do it.
const User& server_user() {
  static const User user = [] {
    const auto found = find_user("postgres");
    if (!found) throw std::runtime_error("there is no user \"postgres\"");
    return *found;
  }();
  return user;
}

}  // namespace

void become_server_user() {
  if (is_root() && !become_user(server_user())) ::_exit(126);
}

void give_to_server_user(const std::string& path) {
  if (is_root()) give_to_user(path, server_user());
}

}  // namespace pgseal::test
