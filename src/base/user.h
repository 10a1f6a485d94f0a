#pragma once
// Users of this machine.

#include <sys/types.h>

#include <optional>
#include <string>

namespace pgseal {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// By name; nothing where there is no such user.
[[nodiscard]] std::optional<User> find_user(const std::string& name);

/// Whether we are root, who may become anybody.
[[nodiscard]] bool is_root();

/// Makes this process the user's, with no other groups than its own; false where that is refused.
/// Async-signal-safe, for the time between fork and exec.
[[nodiscard]] bool become_user(const User& user);

/// Makes a file the user's. Throws Error of `Exit::internal`.
void give_to_user(const std::string& path, const User& user);

}  // namespace pgseal
