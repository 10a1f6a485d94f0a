#include "aws/rds_host.h"

#include <gtest/gtest.h>

namespace pgseal::aws {
namespace {

TEST(RdsHost, KnowsInstancesClustersAndProxies) {
  for (const char* host : {
           "mydb.abc123.eu-west-1.rds.amazonaws.com",
           "mydb.cluster-abc123.eu-west-1.rds.amazonaws.com",
           "mydb.cluster-ro-abc123.eu-west-1.rds.amazonaws.com",
           "mydb.cluster-custom-abc123.eu-west-1.rds.amazonaws.com",
           "mydb.proxy-abc123.eu-west-1.rds.amazonaws.com",
           "readers.endpoint.proxy-abc123.eu-west-1.rds.amazonaws.com",
           "MYDB.ABC123.EU-WEST-1.RDS.AMAZONAWS.COM",
           "mydb.abc123.eu-west-1.rds.amazonaws.com.",
       }) {
    EXPECT_TRUE(rds_endpoint_of(host).has_value()) << host;
    EXPECT_EQ(region_of_rds_host(host), "eu-west-1") << host;
  }
  EXPECT_EQ(region_of_rds_host("db.abc.us-gov-west-1.rds.amazonaws.com"), "us-gov-west-1");
}

TEST(RdsHost, KnowsBothFormsOfChina) {
  EXPECT_EQ(region_of_rds_host("db.abc.cn-north-1.rds.amazonaws.com.cn"), "cn-north-1");
  EXPECT_EQ(region_of_rds_host("db.abc.rds.cn-northwest-1.amazonaws.com.cn"), "cn-northwest-1");
}

TEST(RdsHost, AGlobalEndpointHasNoRegion) {
  const std::string host = "mydb.global-abc123.global.rds.amazonaws.com";
  EXPECT_TRUE(rds_endpoint_of(host).has_value());
  EXPECT_EQ(region_of_rds_host(host), std::nullopt);
}

TEST(RdsHost, LeavesOtherNamesAlone) {
  for (const char* host :
       {"", ".", "localhost", "127.0.0.1", "db.example.org", "rds.amazonaws.com",
        "eu-west-1.rds.amazonaws.com", "mydb.abc123.eu-west-1.rds.amazonaws.com.example.org",
        "mydb.abc123.eu-west-1.rds.amazonaws.org", "mydb.abc123.eu-west-1.notrds.amazonaws.com",
        "db.abc.rds.eu-west-1.amazonaws.com"}) {
    EXPECT_FALSE(rds_endpoint_of(host).has_value()) << host;
    EXPECT_EQ(region_of_rds_host(host), std::nullopt) << host;
  }
}

TEST(RdsHost, TellsProxiesAndSharedNamesFromServers) {
  const std::string region = "eu-west-1.rds.amazonaws.com";
  EXPECT_EQ(rds_endpoint_of("mydb.abc123." + region), RdsEndpoint::server);
  EXPECT_EQ(rds_endpoint_of("mydb.cluster-abc123." + region), RdsEndpoint::server);
  EXPECT_EQ(rds_endpoint_of("mydb.cluster-ro-abc123." + region), RdsEndpoint::several);
  EXPECT_EQ(rds_endpoint_of("mydb.cluster-custom-abc123." + region), RdsEndpoint::several);
  EXPECT_EQ(rds_endpoint_of("mydb.proxy-abc123." + region), RdsEndpoint::proxy);
  EXPECT_EQ(rds_endpoint_of("READERS.ENDPOINT.PROXY-ABC123." + region), RdsEndpoint::proxy);
  EXPECT_EQ(rds_endpoint_of("db.proxy-abc.rds.cn-north-1.amazonaws.com.cn"), RdsEndpoint::proxy);
  EXPECT_EQ(rds_endpoint_of("mydb.global-abc123.global.rds.amazonaws.com"), RdsEndpoint::server);
  // A name may look like an identifier.
  EXPECT_EQ(rds_endpoint_of("proxy-x.abc123." + region), RdsEndpoint::server);
  EXPECT_EQ(rds_endpoint_of("db.proxy-abc123.example.org"), std::nullopt);
}

}  // namespace
}  // namespace pgseal::aws
