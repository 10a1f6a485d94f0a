#include "aws/partition.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/botocore.h"
#include "support/requirement.h"

namespace pgseal::aws {
namespace {

TEST(Partition, IsTheRegions) {
  EXPECT_EQ(partition("eu-west-1"), "aws");
  EXPECT_EQ(partition("us-east-1"), "aws");
  EXPECT_EQ(partition("us-gov-west-1"), "aws-us-gov");
  EXPECT_EQ(partition("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition("eusc-de-east-1"), "aws-eusc");
  EXPECT_EQ(partition("moon-north-1"), "aws");
}

TEST(Partition, HasDomainsOfItsOwn) {
  EXPECT_EQ(dns_suffix("eu-west-1"), "amazonaws.com");
  EXPECT_EQ(dns_suffix("us-gov-east-1"), "amazonaws.com");
  EXPECT_EQ(dns_suffix("cn-northwest-1"), "amazonaws.com.cn");
  // Debian's botocore may be too old to know it.
  EXPECT_EQ(service_host("sts", "eusc-de-east-1"), "sts.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(service_host("sts", "eusc-de-east-1", {.fips = true, .dual_stack = true}),
            "sts-fips.eusc-de-east-1.api.amazonwebservices.eu");
}

TEST(Partition, ServicesAreWhereBotocoreHasThem) {
  PGSEAL_SKIP_BECAUSE(test::missing_botocore());
  Json cases = Json::array();
  std::vector<std::string> ours;
  for (const char* region : {"eu-west-1", "us-east-1", "me-central-1", "cn-north-1",
                             "us-gov-west-1", "us-gov-east-1", "moon-north-1"}) {
    for (const bool fips : {false, true}) {
      for (const bool dual_stack : {false, true}) {
        const Json config = {{"use_fips_endpoint", fips}, {"use_dualstack_endpoint", dual_stack}};
        for (const char* service : {"sts", "kms"}) {
          cases.push_back({{"service", service},
                           {"operation", service[0] == 's' ? "GetCallerIdentity" : "ListKeys"},
                           {"parameters", Json::object()},
                           {"region", region},
                           {"config", config}});
          const EndpointKind kind{.fips = fips, .dual_stack = dual_stack};
          ours.push_back("https://" + service_host(service, region, kind) + "/");
        }
      }
    }
  }
  EXPECT_EQ(ours, test::botocore_urls(cases));
}

}  // namespace
}  // namespace pgseal::aws
