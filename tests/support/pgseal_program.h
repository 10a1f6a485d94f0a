#pragma once
// The program under test, run as a person would run it.

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "support/command.h"

namespace pgseal::test {

using Variables = std::map<std::string, std::string>;

/// Options of a run in which pgseal sees `environment`, none of the other variables that it knows,
/// no configuration file unless `environment` names one, and no instance metadata.
[[nodiscard]] CommandOptions pgseal_environment(const Variables& environment);

/// `arguments` behind the program's path, which is the one that was built, or another that
/// PGSEAL_UNDER_TEST names: tools/check-image runs a test with an image's program.
[[nodiscard]] std::vector<std::string> pgseal_command(const std::vector<std::string>& arguments);

/// Runs pgseal to its end.
[[nodiscard]] CommandResult pgseal(const std::vector<std::string>& arguments,
                                   const Variables& environment = {});

/// The process of this name that `parent` started; 0 where there is none.
[[nodiscard]] pid_t child_named(pid_t parent, const std::string& name);

/// An RSA key pair made by the image's documented commands.
struct KeyPair {
  std::string private_pem, public_pem;  ///< paths
};
/// In `directory`; the private key is protected with `passphrase` where it is not empty.
[[nodiscard]] KeyPair make_key_pair(const std::string& directory,
                                    const std::string& passphrase = "", int bits = 2048);

}  // namespace pgseal::test
