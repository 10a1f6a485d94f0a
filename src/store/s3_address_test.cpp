#include "store/s3_address.h"

#include <gtest/gtest.h>

#include "base/error.h"

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

TEST(S3Address, RefusesWhatCannotBe) {
  EXPECT_THROW((void)s3_address({.bucket = "b", .region = "eu-west-1"}), Error);
  EXPECT_THROW((void)s3_address({.bucket = "bucket", .region = "eu/west"}), Error);
  EXPECT_THROW((void)s3_address({.bucket = "bucket", .endpoint = "host"}), Error);
}

}  // namespace
}  // namespace pgseal::store
