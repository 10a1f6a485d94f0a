#include <chrono>
#include <csignal>

#include "aws/credential_endpoint.h"
#include "aws/credential_source.h"
#include "base/error.h"
#include "base/format.h"
#include "base/json.h"
#include "base/process.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kLongest{60};
constexpr std::size_t kMostOutput = 64 * kKiB;

std::string read_output(Process& process, const StopFd& stop) {
  std::string output;
  Bytes buffer(kMostOutput);
  while (const std::size_t size = process.read(buffer, stop)) {
    output += as_text(ByteView(buffer).first(size));
    if (output.size() > kMostOutput) throw Error(Exit::storage, "it prints too much");
  }
  return output;
}

}  // namespace

Credentials credentials_of_process(const std::string& command, const std::stop_token& stop) {
  const StopFd stop_fd(stop);
  Process process({.arguments = {"/bin/sh", "-c", command}, .environment = {}});
  if (!process.ended_within(kLongest, stop_fd)) {
    throw Error(Exit::storage, format("it took longer than {} s", kLongest.count()));
  }
  process.kill(SIGKILL);  // what it left behind would hold its output open
  const std::string output = read_output(process, stop_fd);
  const Process::Status status = process.wait(stop_fd);
  if (!status.ok()) {
    const auto lines = process.error_lines();
    throw Error(Exit::storage,
                format("{}{}", status.describe(), lines.empty() ? "" : ": " + lines.back()));
  }
  const Json object = Json::parse(output, nullptr, false);
  if (!object.is_object() || object.value("Version", Json()) != 1) {
    throw Error(Exit::storage, "it does not print a JSON object of Version 1");
  }
  return parse_credentials(output, "SessionToken");
}

}  // namespace pgseal::aws
