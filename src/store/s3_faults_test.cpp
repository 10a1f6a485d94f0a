// What S3 and the network do wrong, and what becomes of an upload then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/format.h"
#include "crypto/hash.h"
#include "support/s3_faults.h"
#include "support/s3_place.h"
#include "support/store_conformance.h"

namespace pgseal::store {
namespace {

using test::answer_with;
using test::FakeS3;
using test::HttpReply;
using test::HttpRequest;
using test::kAlways;
using test::kQuickRetry;
using test::s3_operation;
using test::S3Place;
using test::storage_error;
using test::storage_error_of;
using test::three_parts;
using test::write_object;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A HEAD's answer for an object with this checksum.
HttpReply with_checksum(const std::string& sha256) {
  return {.headers = {{"x-amz-checksum-sha256", sha256}}};
}

void expect_nothing_published(const S3Place& place) {
  EXPECT_TRUE(place.s3.objects().empty());
  EXPECT_TRUE(place.s3.open_uploads().empty());
}

int count(const S3Place& place, const std::string& operation) {
  int result = 0;
  for (const HttpRequest& request : place.s3.requests())
    result += s3_operation(request) == operation;
  return result;
}

TEST(S3Faults, NamesAMissingBucketBeforeAnythingIsWritten) {
  S3Place place({.bucket = "another"});
  const Error error = storage_error_of([&] { (void)place.store().create("key", {}); });
  EXPECT_EQ(
      error.message(),
      "cannot put \"s3://bucket/back ups/+/key\": NoSuchBucket: as the test wishes (HTTP 404, "
      "request id FAKE4REQUEST, host id fake/id/2)");
  EXPECT_EQ(error.hint(), "make the bucket, or correct its name or the endpoint");
  EXPECT_EQ(error.http_status(), 404);
  EXPECT_EQ(place.s3.requests().size(), 1u);
  EXPECT_THAT(storage_error([&] { (void)place.store().open("key", {}); }),
              HasSubstr("NoSuchBucket"));
  EXPECT_THAT(storage_error([&] { (void)place.store().list("", {}); }), HasSubstr("NoSuchBucket"));
  EXPECT_THAT(storage_error([&] { place.store().remove("key", {}); }), HasSubstr("NoSuchBucket"));
}

TEST(S3Faults, NamesTheMissingPermissionBeforeAnythingIsWritten) {
  S3Place place({.fault = [](const HttpRequest&) { return FakeS3::error(403, "AccessDenied"); }});
  const Error error = storage_error_of([&] { (void)place.store().create("key", {}); });
  EXPECT_THAT(error.message(), HasSubstr("AccessDenied: as the test wishes (HTTP 403"));
  EXPECT_EQ(error.hint(),
            "s3:PutObject on \"bucket/back ups/+/key\" has to be allowed, and nothing may deny it");
  EXPECT_EQ(place.s3.requests().size(), 1u);
  const auto hint = [&](const std::function<void()>& action) {
    return storage_error_of(action).hint();
  };
  EXPECT_THAT(hint([&] { place.store().put("key", {}, {}); }), HasSubstr("s3:PutObject"));
  EXPECT_THAT(hint([&] { (void)place.store().open("key", {}); }), HasSubstr("s3:GetObject"));
  EXPECT_THAT(hint([&] { (void)place.store().list("", {}); }), HasSubstr("s3:ListBucket"));
  EXPECT_THAT(hint([&] { place.store().remove("key", {}); }), HasSubstr("s3:DeleteObject"));
}

TEST(S3Faults, SurvivesAConnectionCutInAPart) {
  std::atomic<int> cuts{1};
  S3Place place({.cut_body_after = [&](const HttpRequest& request) -> std::optional<std::uint64_t> {
    if (s3_operation(request) != "UploadPart" || cuts-- <= 0) return std::nullopt;
    return 100'000;
  }});
  write_object(place.store(), "key", three_parts());
  EXPECT_TRUE(test::read_object(place.store(), "key") == as_text(three_parts()));
  EXPECT_EQ(place.store().retries(), (RetryCounts{{"connection", 1}}));
}

TEST(S3Faults, GivesUpWhereTheConnectionIsAlwaysCut) {
  S3Place place({.cut_body_after = [&](const HttpRequest& request) -> std::optional<std::uint64_t> {
    if (s3_operation(request) != "UploadPart") return std::nullopt;
    return 100'000;
  }});
  const std::string message =
      storage_error([&] { write_object(place.store(), "key", three_parts()); });
  EXPECT_THAT(message,
              HasSubstr("cannot put \"s3://bucket/back ups/+/key\" in 4 tries: cannot reach"));
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
}

TEST(S3Faults, PublishesNothingWhereTheLastPartFails) {
  S3Place place({.fault = [](const HttpRequest& request) -> std::optional<HttpReply> {
    if (s3_operation(request) != "UploadPart" || request.query.at("partNumber") != "3") {
      return std::nullopt;
    }
    return FakeS3::error(500, "InternalError");
  }});
  const std::string message =
      storage_error([&] { write_object(place.store(), "key", three_parts()); });
  EXPECT_THAT(message, AllOf(HasSubstr("in 4 tries: InternalError"), HasSubstr("HTTP 500")));
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
  EXPECT_EQ(count(place, "CompleteMultipartUpload"), 0);
}

TEST(S3Faults, StopsTheWriterWhereAPartFailsForGood) {
  S3Place place({.fault = answer_with("UploadPart", FakeS3::error(403, "AccessDenied"), kAlways)});
  const std::string message = storage_error([&] {
    const auto sink = place.store().create("key", {});
    for (;;) sink->write(three_parts());
  });
  EXPECT_THAT(message, HasSubstr("AccessDenied"));
  expect_nothing_published(place);
}

TEST(S3Faults, TakesAnErrorInTheAnswerToCompleteForAFailure) {
  S3Place place({.fault = answer_with("CompleteMultipartUpload",
                                      FakeS3::error(200, "InternalError"), kAlways)});
  const std::string message =
      storage_error([&] { write_object(place.store(), "key", three_parts()); });
  EXPECT_THAT(message, HasSubstr("in 4 tries: InternalError: as the test wishes (HTTP 200"));
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
}

TEST(S3Faults, TriesACompleteAgainThatAnsweredWithAnError) {
  S3Place place(
      {.fault = answer_with("CompleteMultipartUpload", FakeS3::error(200, "InternalError"), 1)});
  write_object(place.store(), "key", three_parts());
  EXPECT_TRUE(test::read_object(place.store(), "key") == as_text(three_parts()));
  EXPECT_EQ(count(place, "CompleteMultipartUpload"), 2);
}

TEST(S3Faults, DoesNotRepeatACompleteThatCannotGoBetter) {
  S3Place place({.fault = answer_with("CompleteMultipartUpload", FakeS3::error(200, "AccessDenied"),
                                      kAlways)});
  EXPECT_THAT(storage_error([&] { write_object(place.store(), "key", three_parts()); }),
              HasSubstr("AccessDenied"));
  expect_nothing_published(place);
  EXPECT_EQ(count(place, "CompleteMultipartUpload"), 1);
}

TEST(S3Faults, DoesNotTrustACompleteWithoutAResult) {
  for (const char* body : {"", "\n\n   ", "<html>gateway</html>", "<CompleteMultipartUploadResu"}) {
    S3Place place({.fault = answer_with("CompleteMultipartUpload", {.body = body}, kAlways)});
    storage_error([&] { write_object(place.store(), "key", as_bytes("content")); });
    expect_nothing_published(place);
  }
}

TEST(S3Faults, ReportsACompleteWhoseOutcomeNobodyKnows) {
  std::atomic<int> tries{0};
  S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (s3_operation(request) != "CompleteMultipartUpload") return std::nullopt;
    if (++tries == 1) return HttpReply{.drop = true};
    return FakeS3::error(404, "NoSuchUpload");
  }});
  const Error error = storage_error_of([&] { write_object(place.store(), "key", three_parts()); });
  EXPECT_THAT(error.message(), HasSubstr("NoSuchUpload"));
  EXPECT_THAT(error.hint(), HasSubstr("may have stored the object"));
}

TEST(S3Faults, RecognisesAnObjectThatALostAnswerHadCompleted) {
  crypto::Sha256 hash;
  for (std::size_t at = 0; at < three_parts().size(); at += 8 * kMiB) {
    const ByteView rest = ByteView(three_parts()).subspan(at);
    hash.update(crypto::sha256(rest.first(std::min(rest.size(), 8 * kMiB))));
  }
  const std::string checksum = crypto::to_base64(hash.finish()) + "-3";
  std::atomic<int> tries{0};
  S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<HttpReply> {
    const std::string operation = s3_operation(request);
    if (operation == "HeadObject") return with_checksum(checksum);
    if (operation != "CompleteMultipartUpload") return std::nullopt;
    if (++tries == 1) return HttpReply{.drop = true};
    return FakeS3::error(404, "NoSuchUpload");
  }});
  EXPECT_NO_THROW(write_object(place.store(), "key", three_parts()));
  EXPECT_EQ(count(place, "HeadObject"), 1);
}

TEST(S3Faults, RecognisesASmallObjectThatALostAnswerHadStored) {
  for (const std::string found : {"content", "of another"}) {
    std::atomic<int> tries{0};
    S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<HttpReply> {
      const std::string operation = s3_operation(request);
      if (operation == "HeadObject") {
        return with_checksum(crypto::to_base64(crypto::sha256(as_bytes(found))));
      }
      if (operation != "PutObject") return std::nullopt;
      if (++tries == 1) return HttpReply{.drop = true};
      return FakeS3::error(412, "PreconditionFailed");
    }});
    const auto put = [&] { place.store().put("key", as_bytes("content"), {}); };
    if (found == "content") {
      EXPECT_NO_THROW(put());
    } else {
      EXPECT_THAT(storage_error(put), HasSubstr("PreconditionFailed"));
    }
  }
}

/// Whoever may not look is answered with 403; a store that keeps no checksums tells none.
TEST(S3Faults, TakesAnObjectThatItCannotJudgeForItsOwnOnlyUnderAnUnguessableKey) {
  for (const int head_status : {403, 200}) {
    for (const bool is_lost : {true, false}) {
      std::atomic<int> tries{0};
      S3Place place({.fault = [&](const HttpRequest& request) -> std::optional<HttpReply> {
        if (s3_operation(request) == "HeadObject") return HttpReply{.status = head_status};
        if (s3_operation(request) != "PutObject") return std::nullopt;
        if (++tries % 2 == 1 && is_lost) return HttpReply{.drop = true};
        return FakeS3::error(412, "PreconditionFailed");
      }});
      const Error error =
          storage_error_of([&] { place.store().put("key", as_bytes("content"), {}); });
      EXPECT_THAT(error.message(), HasSubstr("PreconditionFailed"));
      // Who lost an answer cannot tell whether the object is theirs; else it is somebody's.
      EXPECT_EQ(error.retryable(), is_lost);
      const auto put = [&] {
        place.store().put_unguessable("key", as_bytes("content"),
                                      crypto::sha256(as_bytes("content")), {});
      };
      if (is_lost) {
        EXPECT_NO_THROW(put());
      } else {  // taken before our first try
        EXPECT_THAT(storage_error(put), HasSubstr("PreconditionFailed"));
      }
    }
  }
}

TEST(S3Faults, NeverTriesATakenNameAgain) {
  S3Place place;
  place.s3.add_object("back ups/+/key", "of another");
  const Error error = storage_error_of([&] { place.store().put("key", as_bytes("content"), {}); });
  EXPECT_THAT(error.message(), HasSubstr("PreconditionFailed"));
  EXPECT_EQ(error.hint(), "objects are never overwritten; has another backup the same name?");
  EXPECT_EQ(place.s3.requests().size(), 1u);
}

TEST(S3Faults, WaitsOutWhatPasses) {
  const std::vector<std::pair<int, std::string>> faults = {{503, "SlowDown"},
                                                           {500, "InternalError"},
                                                           {409, "OperationAborted"},
                                                           {409, "ConditionalRequestConflict"},
                                                           {400, "RequestTimeout"},
                                                           {429, "TooManyRequests"},
                                                           {408, ""},
                                                           {502, "BadGateway"},
                                                           {504, "GatewayTimeout"}};
  for (const auto& [status, code] : faults) {
    S3Place place({.fault = answer_with("PutObject", FakeS3::error(status, code), 3)});
    place.store().put("key", as_bytes("content"), {});
    EXPECT_EQ(place.store().retries(),
              (RetryCounts{{code.empty() ? format("HTTP {}", status) : code, 3}}));
    EXPECT_EQ(test::read_object(place.store(), "key"), "content");
  }
}

TEST(S3Faults, ReadsOnAfterAnAnswerThatWasCut) {
  S3Place place(
      {.fault = answer_with(
           "GetObject", {.status = 206, .body = std::string(1000, 'x'), .truncate_at = 10}, 2)});
  place.store().put("key", as_bytes("content"), {});
  EXPECT_EQ(test::read_object(place.store(), "key"), "content");
}

TEST(S3Faults, WaitsAsLongAsItIsAskedTo) {
  HttpReply slow_down = FakeS3::error(503, "SlowDown");
  slow_down.headers["Retry-After"] = "3600";  // longer than a request is tried
  S3Place place({.fault = answer_with("PutObject", slow_down, kAlways)});
  const Error error = storage_error_of([&] { place.store().put("key", as_bytes("content"), {}); });
  EXPECT_THAT(error.message(), HasSubstr("to be tried again after 3600 s)"));
  EXPECT_EQ(place.s3.requests().size(), 1u);
}

TEST(S3Faults, SendsFewerRequestsAtATimeWhereS3AsksToSlowDown) {
  HttpReply slow_down = FakeS3::error(503, "SlowDown");
  slow_down.hold = true;
  S3Place place({.fault = answer_with("PutObject", slow_down, 4)});
  testing::internal::CaptureStderr();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&, i] { place.store().put(format("key{}", i), as_bytes("content"), {}); });
    }
    EXPECT_TRUE(place.s3.server().wait_for_requests(4));  // all are on their way
    place.s3.server().release();
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("S3 asks to slow down, requests at a time from now on: 2\n"));
  EXPECT_THAT(log, testing::Not(HasSubstr("from now on: 1\n")));
  EXPECT_EQ(place.store().retries(), (RetryCounts{{"SlowDown", 4}}));
  EXPECT_EQ(place.s3.objects().size(), 4u);
}

TEST(S3Faults, NeverRepeatsARefusal) {
  for (const auto& [status, code] : std::vector<std::pair<int, std::string>>{
           {403, "AccessDenied"}, {404, "NoSuchBucket"}, {403, "InvalidBucketState"}}) {
    S3Place place({.fault = answer_with("PutObject", FakeS3::error(status, code), kAlways)});
    EXPECT_THAT(storage_error([&] { place.store().put("key", {}, {}); }), HasSubstr(code));
    EXPECT_EQ(place.s3.requests().size(), 1u) << code;
    EXPECT_TRUE(place.store().retries().empty());
  }
}

TEST(S3Faults, AbortsAgainWhereTheAbortFails) {
  S3Place place({.fault = answer_with("AbortMultipartUpload", FakeS3::error(503, "SlowDown"), 2)});
  { const auto sink = place.store().create("key", {}); }
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
}

TEST(S3Faults, NamesTheUploadThatItCannotAbort) {
  S3Place place(
      {.fault = answer_with("AbortMultipartUpload", FakeS3::error(403, "AccessDenied"), kAlways)});
  testing::internal::CaptureStderr();
  { const auto sink = place.store().create("key", {}); }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log,
              AllOf(HasSubstr("warning"), HasSubstr("s3://bucket/back ups/+/key"),
                    HasSubstr("AccessDenied"), HasSubstr("upload upload-1 stay in the bucket")));
}

TEST(S3Faults, AbortsAnUploadThatIsStoppedWhilePartsAreOnTheirWay) {
  S3Place place({.fault = answer_with("UploadPart", {.hold = true}, kAlways)});
  std::stop_source stop;
  const std::jthread stopper([&] {  // create, and as many parts as can be on their way
    EXPECT_TRUE(place.s3.server().wait_for_requests(5));
    stop.request_stop();
  });
  EXPECT_THROW(
      {
        const auto sink = place.store().create("key", stop.get_token());
        for (;;) sink->write(three_parts());
      },
      Cancelled);
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
  EXPECT_EQ(count(place, "UploadPart"), 4);
}

TEST(S3Faults, AbortsAnUploadThatIsStoppedWhileItCompletes) {
  S3Place place({.fault = answer_with("CompleteMultipartUpload", {.hold = true}, kAlways)});
  std::stop_source stop;
  const std::jthread stopper([&] {  // create, one part, complete
    EXPECT_TRUE(place.s3.server().wait_for_requests(3));
    stop.request_stop();
  });
  {
    const auto sink = place.store().create("key", stop.get_token());
    sink->write(as_bytes("content"));
    EXPECT_THROW(sink->finish(), Cancelled);
  }
  expect_nothing_published(place);
  EXPECT_EQ(place.s3.aborted_uploads(), 1);
}

}  // namespace
}  // namespace pgseal::store
