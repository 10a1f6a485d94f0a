#include "store/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "crypto/hash.h"
#include "store/s3_upload.h"
#include "support/s3_place.h"
#include "support/store_conformance.h"

namespace pgseal::test {

INSTANTIATE_TYPED_TEST_SUITE_P(FakeS3, StoreConformance, S3Place);

/// Many pages of two objects each.
struct SmallPages : S3Place {
  SmallPages() : S3Place({.max_keys = 2}) {}
};
INSTANTIATE_TYPED_TEST_SUITE_P(FakeS3WithSmallPages, StoreConformance, SmallPages);

}  // namespace pgseal::test

namespace pgseal::store {
namespace {

using test::HttpRequest;
using test::noise;
using test::S3Place;
using test::storage_error;
using test::write_object;
using ::testing::HasSubstr;
using ::testing::Not;

HttpRequest only_request(const S3Place& place, const std::string& operation) {
  HttpRequest found;
  int count = 0;
  for (const HttpRequest& request : place.s3.requests()) {
    if (test::s3_operation(request) != operation) continue;
    found = request;
    ++count;
  }
  EXPECT_EQ(count, 1) << operation;
  return found;
}

TEST(S3Store, PutsWithChecksumAndWithoutOverwriting) {
  S3Place place;
  place.store().put("k+ey", as_bytes("content"), {});
  const HttpRequest put = only_request(place, "PutObject");
  EXPECT_EQ(put.target, "/bucket/back%20ups/%2B/k%2Bey");
  EXPECT_EQ(put.header("if-none-match"), "*");
  EXPECT_EQ(put.header("x-amz-sdk-checksum-algorithm"), "SHA256");
  const crypto::Digest digest = crypto::sha256(as_bytes("content"));
  EXPECT_EQ(put.header("x-amz-checksum-sha256"), crypto::to_base64(digest));
  EXPECT_EQ(put.header("x-amz-content-sha256"), to_hex(digest));
  EXPECT_THAT(put.header("authorization"), HasSubstr("/eu-west-1/s3/aws4_request"));
  EXPECT_THAT(put.header("authorization"), HasSubstr("if-none-match"));
}

TEST(S3Store, UploadsPartsWithChecksumsAndWithoutOverwriting) {
  S3Place place;
  const Bytes content = noise(9 * kMiB);
  write_object(place.store(), "key", content);
  EXPECT_EQ(only_request(place, "CreateMultipartUpload").header("x-amz-checksum-algorithm"),
            "SHA256");
  for (const HttpRequest& request : place.s3.requests()) {
    if (test::s3_operation(request) != "UploadPart") continue;
    const crypto::Digest digest = crypto::sha256(as_bytes(request.body));
    EXPECT_EQ(request.header("x-amz-checksum-sha256"), crypto::to_base64(digest));
    EXPECT_EQ(request.header("x-amz-content-sha256"), to_hex(digest));
    EXPECT_EQ(request.header("x-amz-sdk-checksum-algorithm"), "SHA256");
  }
  const HttpRequest complete = only_request(place, "CompleteMultipartUpload");
  EXPECT_EQ(complete.header("if-none-match"), "*");
  const auto second = crypto::sha256(ByteView(content).subspan(8 * kMiB));
  EXPECT_THAT(complete.body, HasSubstr("<PartNumber>2</PartNumber><ETag>\""));
  EXPECT_THAT(complete.body, HasSubstr("<ChecksumSHA256>" + crypto::to_base64(second) +
                                       "</ChecksumSHA256></Part></Complete"));
}

TEST(S3Store, ReadsByRangesOfOneAndTheSameObject) {
  S3Place place;
  const Bytes content = noise(9 * kMiB);
  write_object(place.store(), "key", content);
  const auto source = place.store().open("key", {});
  EXPECT_TRUE(as_text(read_all(*source, kGiB, "key")) == as_text(content));
  std::vector<std::string> ranges, conditions;
  for (const HttpRequest& request : place.s3.requests()) {
    if (test::s3_operation(request) != "GetObject") continue;
    ranges.push_back(request.header("range"));
    conditions.push_back(request.header("if-match"));
  }
  EXPECT_THAT(ranges, testing::ElementsAre("bytes=0-8388607", "bytes=8388608-16777215"));
  EXPECT_THAT(conditions, testing::ElementsAre("", place.s3.objects().at("back ups/+/key").etag));
}

TEST(S3Store, AsksForTheBytesOfARangeOnly) {
  S3Place place;
  place.store().put("key", as_bytes("0123456789"), {});
  EXPECT_EQ(as_text(place.store().read_range("key", 3, 4, {})), "3456");
  EXPECT_EQ(only_request(place, "GetObject").header("range"), "bytes=3-6");
}

TEST(S3Store, TriesARangeAgain) {
  std::atomic<int> faults{2};
  S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<test::HttpReply> {
    if (test::s3_operation(request) != "GetObject" || faults-- <= 0) return std::nullopt;
    return test::FakeS3::error(503, "SlowDown");
  }});
  place.store().put("key", as_bytes("0123456789"), {});
  EXPECT_EQ(as_text(place.store().read_range("key", 3, 4, {})), "3456");
  EXPECT_EQ(place.store().retries(), (RetryCounts{{"SlowDown", 2}}));
}

TEST(S3Store, NoticesAnObjectThatIsReplacedWhileItIsRead) {
  S3Place place;
  write_object(place.store(), "key", noise(9 * kMiB));
  const auto source = place.store().open("key", {});
  place.s3.add_object("back ups/+/key", std::string(9 * kMiB, 'x'));
  EXPECT_THAT(storage_error([&] { (void)read_all(*source, kGiB, "key"); }),
              HasSubstr("PreconditionFailed"));
}

TEST(S3Store, RefusesAnAnswerThatIsNotTheRange) {
  S3Place place({.fault = [](const HttpRequest& request) -> std::optional<test::HttpReply> {
    if (test::s3_operation(request) != "GetObject") return std::nullopt;
    return test::HttpReply{.status = 206,
                           .headers = {{"Content-Range", "bytes 0-99/200"}},
                           .body = std::string(100, 'x')};
  }});
  EXPECT_THAT(storage_error([&] { (void)place.store().open("key", {}); }),
              HasSubstr("not the range that was asked for"));
}

TEST(S3Store, LeavesFolderMarkersOutOfLists) {
  S3Place place;
  place.s3.add_object("back ups/+/", "");
  place.s3.add_object("back ups/+/folder/", "");
  place.s3.add_object("back ups/+/folder/key", "");
  place.s3.add_object("back ups/elsewhere", "");
  EXPECT_EQ(test::keys_of(place.store().list("", {})), test::Keys{"folder/key"});
}

TEST(S3Store, RemovesAThousandAtOnce) {
  S3Place place;
  place.store().remove_all(std::vector<std::string>(2001, "key"), {});
  std::vector<std::size_t> batches;
  for (const HttpRequest& request : place.s3.requests()) {
    ASSERT_EQ(test::s3_operation(request), "DeleteObjects");
    EXPECT_EQ(request.header("x-amz-checksum-sha256"),
              crypto::to_base64(crypto::sha256(as_bytes(request.body))));
    std::size_t keys = 0;
    for (std::size_t at = 0; (at = request.body.find("<Key>", at)) != std::string::npos; ++at) {
      ++keys;
    }
    batches.push_back(keys);
  }
  EXPECT_THAT(batches, testing::ElementsAre(1000, 1000, 1));
}

TEST(S3Store, RemovesAloneWhatABatchCouldNot) {
  S3Place place({.fault = [](const HttpRequest& request) -> std::optional<test::HttpReply> {
    if (test::s3_operation(request) == "DeleteObjects") {
      return test::HttpReply{.body =
                                 "<DeleteResult><Error><Key>back ups/+/busy</Key>"
                                 "<Code>InternalError</Code></Error>"
                                 "<Error><Key>back ups/+/locked</Key><Code>AccessDenied</Code>"
                                 "</Error></DeleteResult>"};
    }
    if (!request.path.ends_with("/locked")) return std::nullopt;
    return test::FakeS3::error(403, "AccessDenied");
  }});
  place.s3.add_object("back ups/+/busy", "");
  EXPECT_THAT(storage_error([&] {
                place.store().remove_all({"gone", "busy", "locked"}, {});
              }),
              HasSubstr("cannot remove \"s3://bucket/back ups/+/locked\": AccessDenied"));
  EXPECT_TRUE(place.s3.objects().empty());
}

TEST(S3Store, RemovesNothingThatItWasNotAskedFor) {
  for (const char* key : {"", "<Key></Key>", "<Key>back ups/+/other</Key>", "<Key>key</Key>"}) {
    S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<test::HttpReply> {
      if (test::s3_operation(request) != "DeleteObjects") return std::nullopt;
      return test::HttpReply{.body =
                                 std::string("<DeleteResult><Error><Code>InternalError</Code>") +
                                 key + "</Error></DeleteResult>"};
    }});
    EXPECT_THAT(storage_error([&] { place.store().remove_all({"key"}, {}); }),
                HasSubstr("cannot be understood"));
    EXPECT_EQ(place.s3.requests().size(), 1u);
  }
}

TEST(S3Store, DoesWithoutWhatAServerDoesNotKnow) {
  S3Place place({}, {.sha256_checksums = false, .conditional_writes = false});
  place.store().put("small", as_bytes("content"), {});
  write_object(place.store(), "large", noise(9 * kMiB));
  place.store().remove_all({"small"}, {});
  for (const HttpRequest& request : place.s3.requests()) {
    const std::string operation = test::s3_operation(request);
    for (const auto& [name, value] : request.headers) {
      EXPECT_THAT(name, Not(HasSubstr("checksum"))) << operation;
      EXPECT_NE(name, "if-none-match") << operation;
    }
    if (operation == "CreateMultipartUpload" || operation == "CompleteMultipartUpload") continue;
    EXPECT_EQ(request.header("content-md5"), crypto::to_base64(crypto::md5(as_bytes(request.body))))
        << operation;
  }
  EXPECT_THAT(only_request(place, "CompleteMultipartUpload").body, Not(HasSubstr("Checksum")));
}

TEST(S3Store, MakesPartsOfOneSizeWhereAServerWantsThem) {
  S3Place place({}, {.part_size = 5 * kMiB});
  const Bytes content = noise(17 * kMiB);
  write_object(place.store(), "key", content);
  std::vector<std::uint64_t> sizes;
  for (const HttpRequest& request : place.s3.requests()) {
    if (test::s3_operation(request) == "UploadPart") sizes.push_back(request.body_size);
  }
  EXPECT_THAT(sizes, testing::UnorderedElementsAre(5 * kMiB, 5 * kMiB, 5 * kMiB, 2 * kMiB));
  EXPECT_TRUE(test::read_object(place.store(), "key") == as_text(content));
}

TEST(S3Store, KnowsWhatHelpsWhereAServerKnowsLess) {
  S3Place place({.fault = [](const HttpRequest&) -> std::optional<test::HttpReply> {
    return test::FakeS3::error(501, "NotImplemented");
  }});
  try {
    place.store().put("key", {}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("NotImplemented"));
    EXPECT_THAT(error.hint(), HasSubstr("doc/s3-compatible.md"));
  }
  EXPECT_EQ(place.s3.requests().size(), 1u);  // it is not tried again
}

TEST(S3Store, NamesObjectsForPeople) {
  S3Place place;
  EXPECT_EQ(place.store().url("key"), "s3://bucket/back ups/+/key");
}

TEST(S3Store, RefusesToGrowBeyondTheLargestObject) {
  S3Place place;
  test::StaticCredentials credentials;
  net::HttpClient http;
  S3Client client({.bucket = "bucket", .endpoint = place.s3.url()}, credentials, http,
                  system_clock());
  {
    S3Upload upload(client, "key", {}, kMiB);
    upload.write(noise(kMiB));
    EXPECT_EQ(storage_error([&] { upload.write(noise(1)); }),
              "cannot put \"s3://bucket/key\": an object cannot be larger than 1.0 MiB");
  }
  EXPECT_TRUE(place.leftovers().empty());
}

}  // namespace
}  // namespace pgseal::store
