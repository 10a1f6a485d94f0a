#include "support/pgseal_program.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace pgseal::test {

CommandOptions pgseal_environment(const Variables& environment) {
  CommandOptions options;
  options.environment = environment;
  options.environment.emplace("AWS_EC2_METADATA_DISABLED", "true");
  // Not this machine's own.
  for (const char* file : {"PGSEAL_CONFIG", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}) {
    options.environment.emplace(file, "/dev/null");
  }
  options.clear_environment = {"PG*",        "POSTGRES_*",         "AWS_*",      "S3_*",
                               "REGION",     "OPENSSL_PUBLIC_KEY", "RATE_LIMIT", "RATE_LMIT",
                               "http_proxy", "https_proxy",        "HTTP_PROXY", "HTTPS_PROXY",
                               "all_proxy",  "ALL_PROXY",          "no_proxy",   "NO_PROXY"};
  return options;
}

std::vector<std::string> pgseal_command(const std::vector<std::string>& arguments) {
  const char* other = std::getenv("PGSEAL_UNDER_TEST");
  const bool is_set = other != nullptr && *other != '\0';
  std::vector<std::string> command{is_set ? other : PGSEAL_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

CommandResult pgseal(const std::vector<std::string>& arguments, const Variables& environment) {
  return run(pgseal_command(arguments), pgseal_environment(environment));
}

pid_t child_named(pid_t parent, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string pid, command, state, parent_pid;
    if (!(file >> pid >> command >> state >> parent_pid)) continue;
    if (command == "(" + name + ")" && parent_pid == std::to_string(parent) && state != "Z") {
      return std::stoi(pid);
    }
  }
  return 0;
}

KeyPair make_key_pair(const std::string& directory, const std::string& passphrase, int bits) {
  KeyPair pair{directory + "/private_key.pem", directory + "/public_key.pem"};
  std::vector<std::string> generate{"openssl", "genrsa"};
  std::vector<std::string> derive{"openssl", "rsa",     "-in",  pair.private_pem, "-outform",
                                  "PEM",     "-pubout", "-out", pair.public_pem};
  if (!passphrase.empty()) {
    generate.insert(generate.end(), {"-des3", "-passout", "pass:" + passphrase});
    derive.insert(derive.end(), {"-passin", "pass:" + passphrase});
  }
  generate.insert(generate.end(), {"-out", pair.private_pem, std::to_string(bits)});
  run_ok(generate);
  run_ok(derive);
  return pair;
}

}  // namespace pgseal::test
