#include "store/access_point.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::store {
namespace {

TEST(AccessPoint, IsNamedByItsArn) {
  for (const char* arn : {"arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly",
                          "arn:aws:s3:eu-west-1:123456789012:accesspoint:nightly"}) {
    const auto point = parse_access_point(arn);
    ASSERT_TRUE(point);
    EXPECT_EQ(point->region, "eu-west-1");
    EXPECT_EQ(point->account, "123456789012");
    EXPECT_EQ(point->name, "nightly");
  }
  EXPECT_TRUE(parse_access_point("arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/n"));
}

TEST(AccessPoint, IsNoneWhereABucketIsNamed) {
  EXPECT_EQ(parse_access_point("bucket"), std::nullopt);
  EXPECT_EQ(parse_access_point("nightly-abcdefghijk-s3alias"), std::nullopt);
}

TEST(AccessPoint, SaysWhyAnArnIsNone) {
  const auto why = [](const std::string& rest) {
    const std::string arn = "arn:" + rest;
    try {
      (void)parse_access_point(arn);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      EXPECT_FALSE(error.hint().empty());
      const std::string beginning = "cannot use \"" + arn + "\" as a bucket: ";
      EXPECT_TRUE(error.message().starts_with(beginning)) << error.message();
      return error.message().substr(beginning.size());
    }
    return std::string("accepted");
  };
  const std::string kName = "its name may have letters, digits and \"-\", 63 at most";
  const std::string kPlace = "aws:s3:eu-west-1:123456789012:";
  EXPECT_EQ(why(""), "it is not of the service s3");
  EXPECT_EQ(why("aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/n"),
            "it is not of the service s3");
  EXPECT_EQ(why("aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/n"),
            "it is not of the service s3");
  EXPECT_EQ(why("aws:s3:::bucket"), "it is no access point");
  EXPECT_EQ(why("aws:s3"), "it is no access point");
  EXPECT_EQ(why(kPlace + "accesspoint"), "it names no access point");
  EXPECT_EQ(why(kPlace + "accesspoint/"), kName);
  EXPECT_EQ(why(kPlace + "accesspoint/a/b"), kName);
  EXPECT_EQ(why(kPlace + "accesspoint/a_b"), kName);
  EXPECT_EQ(why(kPlace + "accesspoint/" + std::string(64, 'a')), kName);
  EXPECT_EQ(why("aws:s3::123456789012:accesspoint/n.mrap"),
            "Multi-Region access points are not supported");
  EXPECT_EQ(why("aws:s3:EU:123456789012:accesspoint/n"), "its region cannot be one");
  EXPECT_EQ(why("aws:s3:cn-north-1:123456789012:accesspoint/n"),
            "its region is not of its partition");
  EXPECT_EQ(why("aws:s3:eu-west-1:12345678901x:accesspoint/n"), "its account is not of 12 digits");
  EXPECT_EQ(why("aws:s3:eu-west-1::accesspoint/n"), "its account is not of 12 digits");
}

}  // namespace
}  // namespace pgseal::store
