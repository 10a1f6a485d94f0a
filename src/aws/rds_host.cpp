#include "aws/rds_host.h"

#include <vector>

#include "base/text.h"

namespace pgseal::aws {

namespace {

std::vector<std::string> labels_from_the_right(const std::string& host) {
  std::vector<std::string> labels;
  std::string rest = lower_case(host);
  if (rest.ends_with('.')) rest.pop_back();
  for (;;) {
    const auto dot = rest.rfind('.');
    labels.push_back(rest.substr(dot == std::string::npos ? 0 : dot + 1));
    if (dot == std::string::npos) return labels;
    rest.resize(dot);
  }
}

struct RdsName {
  std::string region, id;
};

/// The labels of a name that RDS gives, nothing for any other name:
///   NAME.ID.REGION.rds.amazonaws.com[.cn]
///   NAME.ID.rds.REGION.amazonaws.com.cn
///   NAME.ID.REGION.rds.amazonaws.eu
std::optional<RdsName> parse(const std::string& host) {
  std::vector<std::string> labels = labels_from_the_right(host);
  const bool china = labels[0] == "cn";
  if (china) labels.erase(labels.begin());
  const bool is_aws = labels[0] == "com" || labels[0] == "eu";
  if (labels.size() < 6 || !is_aws || labels[1] != "amazonaws") return std::nullopt;
  if (labels[2] == "rds") return RdsName{labels[3], labels[4]};
  if (china && labels[3] == "rds") return RdsName{labels[2], labels[4]};
  return std::nullopt;
}

}  // namespace

std::optional<RdsEndpoint> rds_endpoint_of(const std::string& host) {
  const auto name = parse(host);
  if (!name) return std::nullopt;
  if (name->id.starts_with("proxy-")) return RdsEndpoint::proxy;
  if (name->id.starts_with("cluster-ro-") || name->id.starts_with("cluster-custom-")) {
    return RdsEndpoint::several;
  }
  return RdsEndpoint::server;
}

std::optional<std::string> region_of_rds_host(const std::string& host) {
  const auto name = parse(host);
  // Regions end with a number; "global" is where a global database's writer is found.
  if (!name || name->region.empty() || name->region.back() < '0' || name->region.back() > '9') {
    return std::nullopt;
  }
  return name->region;
}

}  // namespace pgseal::aws
