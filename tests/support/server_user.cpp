#include "support/server_user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

namespace pgseal::test {
namespace {

struct User {
  uid_t uid;
  gid_t gid;
};

// Looked up once, before any fork: the child may not do it.
const User& server_user() {
  static const User user = [] {
    const passwd* entry = ::getpwnam("postgres");
    if (entry == nullptr) throw std::runtime_error("there is no user \"postgres\"");
    return User{entry->pw_uid, entry->pw_gid};
  }();
  return user;
}

}  // namespace

void become_server_user() {
  if (::geteuid() != 0) return;
  const User& user = server_user();
  if (::setgroups(1, &user.gid) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0) {
    ::_exit(126);
  }
}

void give_to_server_user(const std::string& path) {
  if (::geteuid() != 0) return;
  if (::chown(path.c_str(), server_user().uid, server_user().gid) != 0) {
    throw std::runtime_error("cannot give \"" + path + "\" to user \"postgres\"");
  }
}

}  // namespace pgseal::test
