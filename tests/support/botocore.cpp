#include "support/botocore.h"

#include <sstream>
#include <utility>

#include "base/json.h"
#include "support/command.h"

namespace pgseal::test {

namespace {

std::vector<std::string> lines_of_python(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/python3");
  // What this machine has configured for AWS is not the case's.
  CommandOptions options;
  options.clear_environment = {"AWS_*"};
  // Nor whether the C runtime is installed, which writes parameters in another order.
  options.environment = {{"BOTO_DISABLE_CRT", "true"},
                         {"AWS_CONFIG_FILE", "/dev/null"},
                         {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}};
  std::istringstream output(run_ok(arguments, options));
  std::vector<std::string> lines;
  for (std::string line; std::getline(output, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

std::string missing_botocore() {
  return run({"/usr/bin/python3", "-c", "import botocore"}).ok()
             ? ""
             : "Debian's python3-botocore is not installed";
}

std::vector<std::string> ask_botocore(const std::string& script, const std::string& argument) {
  return lines_of_python({"-c", script, argument});
}

std::vector<std::string> botocore_urls(const Json& cases) {
  return lines_of_python({PGSEAL_TEST_SUPPORT_DIR "/botocore_urls.py", cases.dump()});
}

std::vector<std::string> botocore_credentials(const Json& asked) {
  return lines_of_python({PGSEAL_TEST_SUPPORT_DIR "/botocore_credentials.py", asked.dump()});
}

}  // namespace pgseal::test
