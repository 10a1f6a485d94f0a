// What S3 refuses and the client corrects at once: credentials, clock, region.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/s3_faults.h"
#include "support/s3_place.h"
#include "support/store_conformance.h"

namespace pgseal::store {
namespace {

using test::answer_with;
using test::FakeS3;
using test::HttpReply;
using test::kAlways;
using test::S3Place;
using test::storage_error;
using test::storage_error_of;
using test::three_parts;
using test::write_object;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(S3Corrections, FetchesFreshCredentialsOnce) {
  for (const char* code : {"ExpiredToken", "TokenRefreshRequired", "InvalidToken"}) {
    S3Place once({.fault = answer_with("UploadPart", FakeS3::error(400, code), 1)});
    write_object(once.store(), "key", as_bytes("content"));
    EXPECT_EQ(test::read_object(once.store(), "key"), "content");
    EXPECT_EQ(once.credentials.invalidations(), 1);
    EXPECT_EQ(once.store().retries(), (RetryCounts{{"credentials", 1}}));

    S3Place always({.fault = answer_with("UploadPart", FakeS3::error(400, code), kAlways)});
    EXPECT_THAT(storage_error([&] { write_object(always.store(), "key", as_bytes("content")); }),
                HasSubstr(code));
    EXPECT_EQ(always.credentials.invalidations(), 1);
    EXPECT_TRUE(always.s3.objects().empty());
    EXPECT_TRUE(always.s3.open_uploads().empty());
  }
}

TEST(S3Corrections, TakesS3sTimeWhereTheClockIsWrong) {
  for (const std::chrono::minutes ahead : {std::chrono::minutes(60), std::chrono::minutes(-3000)}) {
    S3Place place({.fault = test::clock_ahead(ahead)});
    testing::internal::CaptureStderr();
    write_object(place.store(), "key", three_parts());
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                AllOf(HasSubstr("warning"), HasSubstr("this machine's clock is wrong")));
    EXPECT_TRUE(test::read_object(place.store(), "key") == as_text(three_parts()));
    // The first request found out, and the others knew.
    EXPECT_EQ(place.store().retries(), (RetryCounts{{"clock", 1}}));
  }
}

TEST(S3Corrections, GivesUpWhereS3sTimeIsNotTakenEither) {
  HttpReply skewed = FakeS3::error(403, "RequestTimeTooSkewed");
  skewed.headers["Date"] = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (const bool has_date : {true, false}) {
    if (!has_date) skewed.headers.erase("Date");
    S3Place place({.fault = answer_with("PutObject", skewed, kAlways)});
    EXPECT_EQ(storage_error_of([&] { place.store().put("key", {}, {}); }).hint(),
              "set this machine's clock");
    EXPECT_EQ(place.s3.requests().size(), has_date ? 2u : 1u);
  }
}

HttpReply naming_in_the_header(HttpReply reply) {
  reply.headers["x-amz-bucket-region"] = "eu-north-1";
  return reply;
}

TEST(S3Corrections, AsksInTheRegionThatTheAnswerNames) {
  HttpReply malformed = FakeS3::error(400, "AuthorizationHeaderMalformed");
  malformed.body.insert(malformed.body.find("</Error>"), "<Region>eu-north-1</Region>");
  for (const HttpReply& reply : {naming_in_the_header(FakeS3::error(301, "PermanentRedirect")),
                                 naming_in_the_header(FakeS3::error(307, "TemporaryRedirect")),
                                 naming_in_the_header(HttpReply{.status = 400}), malformed}) {
    S3Place place({.fault = test::in_region("eu-north-1", reply)});
    write_object(place.store(), "key", three_parts());
    EXPECT_TRUE(test::read_object(place.store(), "key") == as_text(three_parts()));
    // The first request found out, and the others knew.
    EXPECT_EQ(place.store().retries(), (RetryCounts{{"region", 1}}));
  }
}

TEST(S3Corrections, SaysWhereTheBucketLies) {
  const HttpReply redirect = naming_in_the_header(FakeS3::error(301, "PermanentRedirect"));
  S3Place place({.fault = answer_with("PutObject", redirect, kAlways)});
  EXPECT_EQ(storage_error_of([&] { place.store().put("key", {}, {}); }).hint(),
            "the bucket lies in region eu-north-1");
  EXPECT_EQ(place.s3.requests().size(), 2u);
}

TEST(S3Corrections, GoesToNoRegionThatCannotBe) {
  HttpReply redirect = FakeS3::error(301, "PermanentRedirect");
  redirect.headers["x-amz-bucket-region"] = "evil.example/";
  S3Place place({.fault = answer_with("PutObject", redirect, kAlways)});
  EXPECT_THAT(storage_error([&] { place.store().put("key", {}, {}); }),
              HasSubstr("PermanentRedirect"));
  EXPECT_EQ(place.s3.requests().size(), 1u);
}

}  // namespace
}  // namespace pgseal::store
