#include "support/s3_gateway.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "base/format.h"
#include "base/json.h"
#include "support/loopback.h"
#include "support/requirement.h"

namespace pgseal::test {
namespace {

constexpr std::chrono::minutes kDeadline{10};  // the first start downloads 100 MB

}  // namespace

std::vector<std::string> S3Admin::lines_of(std::vector<std::string> arguments) const {
  std::vector<std::string> argv = {
      "/usr/bin/python3", "-B",     PGSEAL_TEST_SUPPORT_DIR "/s3_admin.py",
      endpoint_,          keys_.id, keys_.secret};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  CommandOptions options;
  options.clear_environment = {"AWS_*"};
  std::istringstream output(run_ok(argv, options));
  std::vector<std::string> result;
  for (std::string line; std::getline(output, line);) result.push_back(line);
  return result;
}

void S3Admin::create_bucket(const std::string& bucket) const {
  (void)lines_of({"create_bucket", bucket});
}

void S3Admin::create_locking_bucket(const std::string& bucket) const {
  (void)lines_of({"create_locking_bucket", bucket});
}

std::vector<std::string> S3Admin::describe_object(const std::string& bucket,
                                                  const std::string& key) const {
  return lines_of({"describe_object", bucket, key});
}

std::vector<std::string> S3Admin::describe_storage(const std::string& bucket,
                                                   const std::string& key) const {
  return lines_of({"describe_storage", bucket, key});
}

void S3Admin::delete_version(const std::string& bucket, const std::string& key) const {
  (void)lines_of({"delete_version", bucket, key});
}

S3User S3Admin::create_user(const std::string& name,
                            const std::vector<std::string>& policies) const {
  std::vector<std::string> arguments{"create_user", name};
  arguments.insert(arguments.end(), policies.begin(), policies.end());
  const std::vector<std::string> lines = lines_of(std::move(arguments));
  return {lines.at(0), {lines.at(1), lines.at(2)}};
}

S3Keys S3Admin::create_writer_user(const std::string& bucket,
                                   const std::vector<std::string>& actions) const {
  const Json statement = {
      {"Effect", "Allow"}, {"Action", actions}, {"Resource", format("arn:aws:s3:::{}/*", bucket)}};
  const Json policy = {{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}};
  return create_user("writer-of-" + bucket, {policy.dump()}).keys;
}

std::string S3Admin::create_role(const std::string& name, const std::string& trusted,
                                 const std::string& policy) const {
  return lines_of({"create_role", name, trusted, policy}).at(0);
}

void S3Admin::put_bucket_policy(const std::string& bucket, const std::string& policy) const {
  (void)lines_of({"put_bucket_policy", bucket, policy});
}

std::string S3Admin::put_lifecycle(const std::string& bucket,
                                   const std::string& configuration) const {
  return lines_of({"put_lifecycle", bucket, configuration}).at(0);
}

S3Attempts S3Admin::attempts(const std::string& bucket, const std::string& inside,
                             const std::string& outside) const {
  S3Attempts result;
  for (const std::string& line : lines_of({"attempts", bucket, inside, outside})) {
    (line.front() == '+' ? result.allowed : result.refused).push_back(line.substr(1));
  }
  return result;
}

std::vector<std::string> S3Admin::list_keys(const std::string& bucket) const {
  return lines_of({"list_keys", bucket});
}

std::vector<std::string> S3Admin::list_multipart_uploads(const std::string& bucket) const {
  return lines_of({"list_multipart_uploads", bucket});
}

void S3Admin::put_object(const std::string& bucket, const std::string& key,
                         const std::string& path) const {
  (void)lines_of({"put_object", bucket, key, path});
}

void S3Admin::get_object(const std::string& bucket, const std::string& key,
                         const std::string& path) const {
  (void)lines_of({"get_object", bucket, key, path});
}

S3Gateway::S3Gateway()
    : port_(free_port()),
      supervisor_({PGSEAL_TEST_SUPPORT_DIR "/s3-gateway", "run", directory_.path(),
                   std::to_string(port_), std::to_string(free_port())}) {
  const auto ready = [this] {
    return supervisor_.output_so_far().find("S3 ready") != std::string::npos;
  };
  if (!wait_until([&] { return ready() || !supervisor_.running(); }, kDeadline) || !ready()) {
    throw std::runtime_error("the S3 server did not start: " + supervisor_.error_so_far());
  }
}

// The supervisor's child is the first process of a namespace, and is only gone once all others are.
S3Gateway::~S3Gateway() {
  for (const pid_t child : children_of(supervisor_.pid())) ::kill(child, SIGKILL);
  supervisor_.join();
}

std::string S3Gateway::endpoint() const { return format("http://127.0.0.1:{}", port_); }

std::string why_no_s3_gateway() {
  const char* wanted = std::getenv("PGSEAL_TEST_S3_GATEWAY");
  std::string reason;
  if (!in_ci() && (wanted == nullptr || std::string_view(wanted) != "1")) {
    reason = "a real S3 server is only started with PGSEAL_TEST_S3_GATEWAY=1, as root";
  } else if (::geteuid() != 0) {
    reason = "a real S3 server needs root";
  }
  return reason;
}

}  // namespace pgseal::test
