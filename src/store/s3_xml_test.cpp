#include "store/s3_xml.h"

#include <gtest/gtest.h>

namespace pgseal::store {
namespace {

TEST(S3Xml, ReadsAnErrorBehindWhiteSpace) {
  // S3 sends blanks while it completes an upload, then what came of it.
  const S3ErrorBody error = parse_error_body(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n   \n\n<Error><Code>InternalError</Code>"
      "<Message>a &lt;b&gt; &amp; c</Message><RequestId>R1</RequestId></Error>");
  EXPECT_EQ(error.code, "InternalError");
  EXPECT_EQ(error.message, "a <b> & c");
  EXPECT_EQ(error.request_id, "R1");
  EXPECT_EQ(root_element("  \n <?xml version=\"1.0\"?>\n<Error/>"), "Error");
}

TEST(S3Xml, FindsNothingInWhatIsNoXml) {
  for (const char* text :
       {"", "   ", "upstream timed out", "<html><body>502", "<Error><Code>Slow"}) {
    EXPECT_EQ(root_element(text), "") << text;
    EXPECT_EQ(parse_error_body(text).code, "") << text;
    EXPECT_FALSE(parse_list_page(text)) << text;
  }
}

TEST(S3Xml, UnescapesKeysOfAListOnlyWhereTheyAreEscaped) {
  const std::string contents =
      "<IsTruncated>false</IsTruncated>"
      "<Contents><Key>a+b%2Bc%20d%25&amp;e%</Key><Size>5</Size></Contents></ListBucketResult>";
  const auto plain = parse_list_page("<ListBucketResult>" + contents);
  const auto escaped =
      parse_list_page("<ListBucketResult><EncodingType>url</EncodingType>" + contents);
  ASSERT_TRUE(plain && escaped);
  EXPECT_EQ(plain->objects.at(0).key, "a+b%2Bc%20d%25&e%");
  EXPECT_EQ(escaped->objects.at(0).key, "a b+c d%&e%");
  EXPECT_EQ(escaped->objects.at(0).size, 5u);
  EXPECT_EQ(escaped->continuation_token, "");
}

TEST(S3Xml, RefusesAListThatDoesNotSayHowItGoesOn) {
  EXPECT_FALSE(parse_list_page("<ListBucketResult/>"));
  EXPECT_FALSE(
      parse_list_page("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  EXPECT_FALSE(
      parse_list_page("<ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
                      "<Key>k</Key><Size>big</Size></Contents></ListBucketResult>"));
}

TEST(S3Xml, WritesTheListOfParts) {
  const std::vector<UploadedPart> parts = {
      {.number = 1, .etag = "\"e1\"", .sha256 = crypto::sha256({})},
      {.number = 2, .etag = "<e&2>", .sha256 = crypto::sha256({})}};
  EXPECT_EQ(complete_body(parts, true),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag>"
            "<ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&lt;e&amp;2&gt;</ETag>"
            "<ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256></Part>"
            "</CompleteMultipartUpload>");
  EXPECT_EQ(complete_body({parts[0]}, false),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part>"
            "</CompleteMultipartUpload>");
}

TEST(S3Xml, WritesTheListOfWhatIsToBeRemoved) {
  EXPECT_EQ(delete_body(std::vector<std::string>{"a/b", "<&>"}),
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
            "<Object><Key>a/b</Key></Object><Object><Key>&lt;&amp;&gt;</Key></Object></Delete>");
}

TEST(S3Xml, ReadsWhatWasNotRemoved) {
  EXPECT_EQ(parse_delete_result("<DeleteResult/>"), std::vector<std::string>{});
  EXPECT_EQ(parse_delete_result("<DeleteResult xmlns='x'><Deleted><Key>gone</Key></Deleted>"
                                "<Error><Key>a&amp;b</Key><Code>InternalError</Code></Error>"
                                "</DeleteResult>"),
            std::vector<std::string>{"a&b"});
  EXPECT_FALSE(parse_delete_result("<DeleteResult><Error>"));
  EXPECT_FALSE(parse_delete_result("<Error><Code>InternalError</Code></Error>"));
}

}  // namespace
}  // namespace pgseal::store
