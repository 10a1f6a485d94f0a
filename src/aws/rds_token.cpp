#include "aws/rds_token.h"

#include <string_view>
#include <vector>

#include "aws/sigv4.h"
#include "base/bytes.h"
#include "base/format.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTokenLife{900};
constexpr int kHttpsPort = 443;

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

/// The label where the region stands in a name that RDS gives, nothing for any other name:
///   NAME.ID.REGION.rds.amazonaws.com[.cn]
///   NAME.ID.rds.REGION.amazonaws.com.cn
std::optional<std::string> region_label(const std::string& host) {
  std::vector<std::string> labels = labels_from_the_right(host);
  const bool china = labels[0] == "cn";
  if (china) labels.erase(labels.begin());
  if (labels.size() < 6 || labels[0] != "com" || labels[1] != "amazonaws") return std::nullopt;
  if (labels[2] == "rds") return labels[3];
  if (china && labels[3] == "rds") return labels[2];
  return std::nullopt;
}

}  // namespace

Secret rds_auth_token(const std::string& host, int port, const std::string& user,
                      const std::string& region, const Credentials& credentials, TimePoint now) {
  const SigningRequest request{
      // As in a URL of https, whose own port is not part of the host.
      .host = port == kHttpsPort ? lower_case(host) : format("{}:{}", lower_case(host), port),
      .query = {{"Action", "connect"}, {"DBUser", user}},
      .headers = {},
      .payload_sha256 = to_hex(crypto::sha256({})),
  };
  const Secret query =
      presign_query(request, {.region = region, .service = "rds-db"}, credentials, now, kTokenLife);
  return Secret(format("{}:{}/?{}", host, port, query.reveal()));
}

bool is_rds_host(const std::string& host) { return region_label(host).has_value(); }

std::optional<std::string> region_of_rds_host(const std::string& host) {
  std::optional<std::string> region = region_label(host);
  // Regions end with a number; "global" is where a global database's writer is found.
  if (region && (region->empty() || region->back() < '0' || region->back() > '9'))
    return std::nullopt;
  return region;
}

}  // namespace pgseal::aws
