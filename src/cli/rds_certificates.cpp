#include "cli/rds_certificates.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "aws/partition.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

/// What AWS's documentation names for a partition ("Using SSL/TLS to encrypt a connection to a DB
/// instance", of AWS and of Amazon Web Services in China), and where we look for it.
struct Bundle {
  const char* partition;
  const char* url;
  const char* path;
};

const Bundle& bundle_of(const std::string& region) {
  static constexpr Bundle kBundles[] = {
      {"aws-cn", "https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/global/global-bundle.pem",
       "/etc/pgseal/rds-cn-bundle.pem"},
      {"aws-us-gov",
       "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/global-bundle.pem",
       "/etc/pgseal/rds-us-gov-bundle.pem"},
      {"aws", "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
       "/etc/pgseal/rds-global-bundle.pem"}};
  const std::string partition = aws::partition(region);
  const auto* bundle =
      std::find_if(std::begin(kBundles), std::end(kBundles) - 1,
                   [&](const Bundle& known) { return known.partition == partition; });
  return *bundle;
}

}  // namespace

std::string find_rds_certificates(const std::string& given, const std::string& region,
                                  Configuration& configuration) {
  const Bundle& bundle = bundle_of(region);
  const std::string hint = format("get them from {} and put them to {}, or name them with --rds-ca",
                                  bundle.url, bundle.path);
  if (!given.empty()) {
    if (given != "system" && ::access(given.c_str(), R_OK) != 0) {
      configuration.problems().add(
          format("cannot read the RDS certificates \"{}\" ({})", given, hint));
    }
    return given;
  }
  for (const char* place : {bundle.path, "rds_root.pem", "/rds_root.pem"}) {
    if (::access(place, R_OK) != 0) continue;
    configuration.assume(setting::rds_ca, place, "found there");
    return place;
  }
  configuration.problems().add(
      format("the RDS certificates, with which the server is verified, are missing ({})", hint));
  return "";
}

std::string get_rds_certificates(const std::string& region, const std::string& path) {
  return format("curl -o {} {}", shell_quoted(path), bundle_of(region).url);
}

}  // namespace pgseal::cli
