#include "store/s3_address.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/format.h"
#include "base/json.h"
#include "net/host.h"
#include "support/botocore.h"
#include "support/requirement.h"

namespace pgseal::store {
namespace {

std::string url(const S3Options& options) {
  const S3Address address = s3_address(options);
  return address.scheme + address.host + address.path;
}

TEST(S3Address, PutsTheBucketIntoAwssHostName) {
  EXPECT_EQ(url({.bucket = "bucket", .region = "eu-west-1"}),
            "https://bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(url({.bucket = "bucket", .region = "cn-north-1"}),
            "https://bucket.s3.cn-north-1.amazonaws.com.cn");
}

TEST(S3Address, PutsTheBucketIntoThePathWhereItFitsNoHostName) {
  EXPECT_EQ(url({.bucket = "my.bucket", .region = "eu-west-1"}),
            "https://s3.eu-west-1.amazonaws.com/my.bucket");
  EXPECT_EQ(url({.bucket = "MyBucket", .region = "us-east-1"}),
            "https://s3.us-east-1.amazonaws.com/MyBucket");
}

TEST(S3Address, AsksOtherServersByPathUnlessTold) {
  EXPECT_EQ(url({.bucket = "bucket", .endpoint = "http://host:1/"}), "http://host:1/bucket");
  EXPECT_EQ(url({.bucket = "bucket", .endpoint = "https://host/base"}), "https://host/base/bucket");
  EXPECT_EQ(url({.bucket = "bucket",
                 .endpoint = "http://host:1",
                 .addressing = Addressing::virtual_hosted}),
            "http://bucket.host:1");
  EXPECT_EQ(url({.bucket = "bucket", .region = "eu-west-1", .addressing = Addressing::path}),
            "https://s3.eu-west-1.amazonaws.com/bucket");
}

TEST(S3Address, NeedsARegionOnlyForAws) {
  EXPECT_EQ(s3_address({.bucket = "bucket", .endpoint = "http://host"}).region, "us-east-1");
  try {
    (void)s3_address({.bucket = "bucket"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_EQ(error.message(), "no region is known for the bucket \"bucket\"");
  }
}

std::string url_or_refusal(const S3Options& options) {
  try {
    return url(options) + "/k";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_FALSE(error.hint().empty());
    return "refused: " + error.message();
  }
}

Json for_botocore(const S3Options& options) {
  Json config = {{"use_fips_endpoint", options.endpoint_kind.fips},
                 {"use_dualstack_endpoint", options.endpoint_kind.dual_stack}};
  if (options.addressing != Addressing::automatic) {
    const bool by_path = options.addressing == Addressing::path;
    config["s3"] = {{"addressing_style", by_path ? "path" : "virtual"}};
  }
  Json asked = {{"service", "s3"},
                {"operation", "HeadObject"},
                {"parameters", {{"Bucket", options.bucket}, {"Key", "k"}}},
                {"region", options.region},
                {"config", config}};
  if (!options.endpoint.empty()) asked["endpoint"] = options.endpoint;
  return asked;
}

/// Every bucket with every region, kind of endpoint and addressing, and with other servers.
std::vector<S3Options> many_options() {
  std::vector<S3Options> all;
  for (const char* bucket :
       {"bucket", "my.bucket", "MyBucket", "my_bucket", "nightly-abcdefghijk-s3alias", "point"}) {
    for (const std::string region :
         {"eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "moon-north-1"}) {
      S3Options options{.bucket = bucket, .region = region};
      if (options.bucket == "point") {
        options.bucket = format("arn:{}:s3:{}:123456789012:accesspoint/{}", aws::partition(region),
                                region, options.bucket);
      }
      for (const Addressing addressing :
           {Addressing::automatic, Addressing::path, Addressing::virtual_hosted}) {
        options.addressing = addressing;
        for (const aws::EndpointKind kind : {aws::EndpointKind{}, aws::EndpointKind{.fips = true},
                                             aws::EndpointKind{.dual_stack = true},
                                             aws::EndpointKind{.fips = true, .dual_stack = true}}) {
          options.endpoint_kind = kind;
          all.push_back(options);
        }
        options.endpoint_kind = {};
        if (region != "eu-west-1") continue;
        for (const char* endpoint : {"https://s3.example.org:9000/base", "http://localhost:9000",
                                     "https://10.0.0.1:9000", "http://[::1]:9000"}) {
          options.endpoint = endpoint;
          const bool by_address = net::is_address(net::host_of(endpoint));
          // Of an access point at an address botocore makes a host that nobody has.
          if (!by_address || !options.bucket.starts_with("arn:")) all.push_back(options);
        }
        options.endpoint = {};
      }
    }
  }
  return all;
}

TEST(S3Address, IsWhereBotocoreHasIt) {
  PGSEAL_SKIP_BECAUSE(test::missing_botocore());
  Json asked = Json::array();
  for (const S3Options& options : many_options()) asked.push_back(for_botocore(options));
  const std::vector<std::string> judged = test::botocore_urls(asked);
  ASSERT_EQ(judged.size(), asked.size());
  int refused = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const std::string ours = url_or_refusal(many_options()[i]);
    if (judged[i].starts_with("refused: ")) {
      ++refused;
      EXPECT_TRUE(ours.starts_with("refused: ")) << ours << "; " << judged[i];
    } else {
      EXPECT_EQ(ours, judged[i]) << asked[i];
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(S3Address, AnAccessPointsOwnRegionCounts) {
  const std::string arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly";
  EXPECT_EQ(s3_address({.bucket = arn}).region, "eu-west-1");
  EXPECT_EQ(s3_address({.bucket = arn, .region = "us-west-2"}).region, "eu-west-1");
}

TEST(S3Address, AnAccessPointNeedsAHostsName) {
  EXPECT_EQ(url_or_refusal({.bucket = "arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly",
                            .endpoint = "https://10.0.0.1"}),
            "refused: cannot reach \"arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly\" at "
            "\"https://10.0.0.1\": an access point's name stands before that of the host, and this "
            "is an address");
}

TEST(S3Address, RefusesWhatCannotBe) {
  EXPECT_THROW((void)s3_address({.bucket = "b", .region = "eu-west-1"}), Error);
  EXPECT_THROW((void)s3_address({.bucket = "bucket", .region = "eu/west"}), Error);
  EXPECT_THROW((void)s3_address({.bucket = "bucket", .endpoint = "host"}), Error);
}

}  // namespace
}  // namespace pgseal::store
