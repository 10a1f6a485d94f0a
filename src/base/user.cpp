#include "base/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

std::optional<User> find_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  return User{entry->pw_uid, entry->pw_gid};
}

bool is_root() { return ::geteuid() == 0; }

bool become_user(const User& user) {
  return ::setgroups(1, &user.gid) == 0 && ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0;
}

void give_to_user(const std::string& path, const User& user) {
  if (::chown(path.c_str(), user.uid, user.gid) != 0) {
    throw system_error(Exit::internal, format("cannot give \"{}\" to another user", path), errno);
  }
}

}  // namespace pgseal
