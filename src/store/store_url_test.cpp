#include "store/store_url.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::store {
namespace {

std::string refusal(const std::string& url) {
  try {
    (void)parse_store_url(url);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage) << url;
    EXPECT_FALSE(error.hint().empty()) << url;
    return error.message();
  }
  return "accepted";
}

TEST(StoreUrl, ReadsADirectory) {
  const StoreUrl url = parse_store_url("file:///var/back ups/%20/");
  EXPECT_EQ(url.kind, StoreUrl::Kind::directory);
  EXPECT_EQ(url.directory, "/var/back ups/%20");
}

TEST(StoreUrl, ReadsABucketAlone) {
  const StoreUrl url = parse_store_url("s3://my-bucket");
  EXPECT_EQ(url.kind, StoreUrl::Kind::s3);
  EXPECT_EQ(url.bucket, "my-bucket");
  EXPECT_EQ(url.prefix, "");
  EXPECT_EQ(url.region, "");
  EXPECT_EQ(url.endpoint, "");
}

TEST(StoreUrl, ReadsAllThatS3CanHave) {
  const StoreUrl url =
      parse_store_url("s3://my.bucket/back/ups/?region=eu-west-1&endpoint=http://127.0.0.1:9000");
  EXPECT_EQ(url.bucket, "my.bucket");
  EXPECT_EQ(url.prefix, "back/ups");
  EXPECT_EQ(url.region, "eu-west-1");
  EXPECT_EQ(url.endpoint, "http://127.0.0.1:9000");
}

TEST(StoreUrl, ReadsAnAccessPoint) {
  const std::string arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint";
  for (const char* separator : {"/", ":"}) {
    const StoreUrl url = parse_store_url("s3://" + arn + separator + "nightly/back/ups");
    EXPECT_EQ(url.bucket, arn + separator + "nightly");
    EXPECT_EQ(url.prefix, "back/ups");
  }
  EXPECT_EQ(parse_store_url("s3://" + arn + "/nightly").prefix, "");
}

TEST(StoreUrl, SaysWhatIsWrong) {
  EXPECT_EQ(
      refusal("/var/backups"),
      "cannot use \"/var/backups\" as a store: it begins neither with file:// nor with s3://");
  EXPECT_EQ(refusal("file://host/dir"),
            "cannot use \"file://host/dir\" as a store: the directory must begin with a slash");
  EXPECT_EQ(refusal("file:///"), "cannot use \"file:///\" as a store: no directory is named");
  EXPECT_EQ(refusal("file:///d?region=x"),
            "cannot use \"file:///d?region=x\" as a store: a directory has no options");
  EXPECT_EQ(refusal("s3://bucket?regoin=x"),
            "cannot use \"s3://bucket?regoin=x\" as a store: unknown option \"regoin\"");
  EXPECT_EQ(refusal("s3://bucket?region"),
            "cannot use \"s3://bucket?region\" as a store: option \"region\" has no value");
  EXPECT_EQ(refusal("s3://bucket?region=a&region=b"),
            "cannot use \"s3://bucket?region=a&region=b\" as a store: option \"region\" is there "
            "twice");
  EXPECT_EQ(refusal("s3://bucket?region=EU WEST"), "\"EU WEST\" cannot be a region");
  EXPECT_EQ(refusal("s3://bucket?endpoint=localhost"), "\"localhost\" cannot be an endpoint of S3");
}

TEST(StoreUrl, RefusesWhatCannotBeABucket) {
  for (const char* name : {"", "ab", "-abc", "abc-", "a..b", "a b", "a@b.c", "bucket:1", ".abc"}) {
    EXPECT_EQ(refusal(std::string("s3://") + name + "/prefix"),
              "\"" + std::string(name) + "\" cannot be the name of a bucket");
  }
  EXPECT_NO_THROW(require_valid_bucket("Old_Bucket.1"));
  EXPECT_NO_THROW(require_valid_bucket(std::string(63, 'b')));
  EXPECT_THROW(require_valid_bucket(std::string(256, 'b')), Error);
}

}  // namespace
}  // namespace pgseal::store
