// Every fault of S3's in a backup of either format: it survives and is whole, or says why it does
// not and leaves nothing behind. doc/s3-faults.md is the table.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/certificates.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/relay.h"
#include "support/s3_faults.h"
#include "support/tcp_proxy.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using test::answer_with;
using test::FakeS3;
using test::HttpReply;
using test::HttpRequest;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

struct Format {
  const char* name;
  const char* first;   ///< the operation that it begins with
  const char* upload;  ///< the operation that carries the data
};
constexpr Format kArchive{"archive", "PutObject", "PutObject"};
constexpr Format kClassic{"classic", "CreateMultipartUpload", "UploadPart"};

/// A fault that a backup survives.
struct Passing {
  std::string name;
  std::function<FakeS3::Options(const Format&)> of;
  std::string cause;  ///< by which the retries are counted
  Arguments options{};
};

/// A fault that ends it.
struct Lasting {
  std::string name;
  std::function<FakeS3::Fault(const Format&)> of;
  std::string words;
};

template <typename Fault>
std::string name_of(const testing::TestParamInfo<std::tuple<Fault, Format>>& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
}

/// A server with some megabytes, and keys of both formats.
class S3FaultsBase {
 protected:
  static void set_up() {
    if (server_ != nullptr) return;
    server_ = new test::PostgresServer();
    server_->create_database("shop");
    server_->psql("shop",
                  "CREATE TABLE noise AS SELECT g, md5(random()::text) || md5(random()::text) AS t "
                  "FROM generate_series(1, 20000) g");
    rows_ = server_->psql("shop", "COPY noise TO STDOUT") + "\n";
    directory_ = new test::TempDir();
    keys_ = test::make_key_pair(directory_->path());
  }
  static void tear_down() {
    delete server_;
    delete directory_;
    server_ = nullptr;
  }

  static test::Variables variables(const std::string& endpoint) {
    return {{"PGSEAL_DBNAME", server_->conninfo("shop")},
            {"PGSEAL_STORE", "s3://bucket/p?region=eu-west-1&endpoint=" + endpoint},
            {"PGSEAL_LOG_FORMAT", "json"},
            {"AWS_ACCESS_KEY_ID", "id"},
            {"AWS_SECRET_ACCESS_KEY", "key"}};
  }
  static Arguments backup_arguments(const Format& format, const Arguments& more = {}) {
    Arguments arguments{"backup", "--format", format.name, "--public-key", keys_.public_pem};
    if (format.name == std::string("archive")) {
      arguments = arguments + Arguments{"--chunk-size", "64k", "--bundle-size", "256k"};
    }
    return arguments + more;
  }
  static test::CommandResult back_up(const Format& format, const std::string& endpoint,
                                     const Arguments& more = {}) {
    return test::pgseal(backup_arguments(format, more), variables(endpoint));
  }

  /// The backup says that it tried again for this cause, and every row can be read back.
  static void expect_survived(const test::CommandResult& backup, const Format& format,
                              const std::string& endpoint, const std::string& cause) {
    ASSERT_TRUE(backup.ok()) << backup.describe();
    const Json report = Json::parse(backup.out);
    const Json& causes = report.at("retries_by_cause");
    EXPECT_TRUE(causes.contains(cause)) << backup.describe();
    EXPECT_GE(report.at("retries"), causes.value(cause, 0));
    EXPECT_THAT(report.at("message").get<std::string>(), HasSubstr(cause + " "));

    const Arguments read = format.name == std::string("archive")
                               ? Arguments{"restore", "--to-stdout"}
                               : Arguments{"decrypt"};
    const auto script =
        test::pgseal(read + Arguments{"--identity", keys_.private_pem}, variables(endpoint));
    ASSERT_TRUE(script.ok()) << script.describe();
    const std::size_t copy = script.out.find("\nCOPY public.noise");
    ASSERT_NE(copy, std::string::npos);
    const std::size_t begin = script.out.find('\n', copy + 1) + 1;
    EXPECT_TRUE(script.out.substr(begin, rows_.size() + 3) == rows_ + "\\.\n");
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* directory_ = nullptr;
  static inline test::KeyPair keys_;
  static inline std::string rows_;
};

class S3PassingFault : public S3FaultsBase,
                       public testing::TestWithParam<std::tuple<Passing, Format>> {
 protected:
  static void SetUpTestSuite() { set_up(); }
  static void TearDownTestSuite() { tear_down(); }
};

TEST_P(S3PassingFault, IsSurvived) {
  const auto& [fault, format] = GetParam();
  FakeS3 s3(fault.of(format));
  const auto backup = back_up(format, s3.url(), fault.options);
  EXPECT_TRUE(s3.open_uploads().empty());
  expect_survived(backup, format, s3.url(), fault.cause);
}

/// The first two uploads get this answer.
Passing answered(const std::string& name, const HttpReply& reply, const std::string& cause,
                 const Arguments& options = {}) {
  return {name,
          [reply](const Format& format) {
            return FakeS3::Options{.fault = answer_with(format.upload, reply, 2)};
          },
          cause, options};
}
Passing answered(int status, const std::string& code) {
  return answered(code, FakeS3::error(status, code), code);
}
Passing without_code(int status) {
  return answered("Http" + std::to_string(status), {.status = status},
                  "HTTP " + std::to_string(status));
}

Passing cut_in_a_part() {
  return {"ConnectionCutInAPart",
          [](const Format& format) {
            const auto cuts = std::make_shared<std::atomic<int>>(2);
            return FakeS3::Options{
                .cut_body_after = [cuts, upload = std::string(format.upload)](
                                      const HttpRequest& request) -> std::optional<std::uint64_t> {
                  const bool is_long = std::stoul("0" + request.header("content-length")) > 100'000;
                  if (test::s3_operation(request) != upload || !is_long || (*cuts)-- <= 0) {
                    return std::nullopt;
                  }
                  return 50'000;
                }};
          },
          "connection"};
}

/// The object is stored, and the same request finds it there.
Passing answer_lost() {
  return {"AnswerLostThen412",
          [](const Format&) {
            const auto losses = std::make_shared<std::atomic<int>>(1);
            return FakeS3::Options{.lose_answer = [losses](const HttpRequest& request) {
              return test::s3_operation(request) == "PutObject" && (*losses)-- > 0;
            }};
          },
          "connection"};
}

Passing everywhere(const std::string& name, const FakeS3::Fault& fault, const std::string& cause) {
  return {name, [fault](const Format&) { return FakeS3::Options{.fault = fault}; }, cause};
}
Passing redirected(int status, const std::string& code) {
  HttpReply reply = FakeS3::error(status, code);
  reply.headers["x-amz-bucket-region"] = "eu-north-1";
  return everywhere(code, test::in_region("eu-north-1", reply), "region");
}
Passing malformed_authorization() {
  HttpReply reply = FakeS3::error(400, "AuthorizationHeaderMalformed");
  reply.body.insert(reply.body.find("</Error>"), "<Region>eu-north-1</Region>");
  return everywhere("AuthorizationHeaderMalformed", test::in_region("eu-north-1", reply), "region");
}

HttpReply after_a_second() {
  HttpReply reply = FakeS3::error(503, "ServiceUnavailable");
  reply.headers["Retry-After"] = "1";
  return reply;
}

std::vector<Passing> passing_faults() {
  return {
      answered("ConnectionReset", {.drop = true, .reset = true}, "connection"),
      answered("ConnectionClosed", {.drop = true}, "connection"),
      cut_in_a_part(),
      answered("AnswerTruncated", {.body = std::string(100, 'x'), .truncate_at = 10}, "connection"),
      answered("AnswerStalled", {.hold = true}, "timeout", {"--stall-timeout", "1"}),
      answer_lost(),
      without_code(408),
      without_code(429),
      without_code(500),
      without_code(502),
      without_code(503),
      without_code(504),
      answered(503, "SlowDown"),
      answered(400, "RequestTimeout"),
      answered(500, "InternalError"),
      answered(409, "OperationAborted"),
      answered(409, "ConditionalRequestConflict"),
      answered("RetryAfter", after_a_second(), "ServiceUnavailable"),
      {"ExpiredToken",
       [](const Format& format) {
         return FakeS3::Options{
             .fault = answer_with(format.upload, FakeS3::error(400, "ExpiredToken"), 1)};
       },
       "credentials"},
      everywhere("RequestTimeTooSkewed", test::clock_ahead(std::chrono::hours(1)), "clock"),
      redirected(301, "PermanentRedirect"),
      redirected(307, "TemporaryRedirect"),
      malformed_authorization()};
}

INSTANTIATE_TEST_SUITE_P(, S3PassingFault,
                         testing::Combine(testing::ValuesIn(passing_faults()),
                                          testing::Values(kArchive, kClassic)),
                         name_of<Passing>);

/// Only the classic format completes uploads.
INSTANTIATE_TEST_SUITE_P(OfClassic, S3PassingFault,
                         testing::Combine(testing::Values(Passing{
                                              "CompleteAnsweredWith200AndAnError",
                                              [](const Format&) {
                                                return FakeS3::Options{
                                                    .fault = answer_with(
                                                        "CompleteMultipartUpload",
                                                        FakeS3::error(200, "InternalError"), 1)};
                                              },
                                              "InternalError"}),
                                          testing::Values(kClassic)),
                         name_of<Passing>);

class S3LastingFault : public S3FaultsBase,
                       public testing::TestWithParam<std::tuple<Lasting, Format>> {
 protected:
  static void SetUpTestSuite() { set_up(); }
  static void TearDownTestSuite() { tear_down(); }
};

TEST_P(S3LastingFault, IsToldAtOnceAndLeavesNothing) {
  const auto& [fault, format] = GetParam();
  const FakeS3 s3({.fault = fault.of(format)});
  const auto backup = back_up(format, s3.url());
  EXPECT_EQ(backup.exit_code, 5) << backup.describe();
  EXPECT_THAT(backup.err, HasSubstr(fault.words));
  EXPECT_THAT(backup.err, Not(HasSubstr("try 2 of ")));
  EXPECT_EQ(backup.out, "");
  EXPECT_TRUE(s3.objects().empty());
  EXPECT_TRUE(s3.open_uploads().empty());
}

Lasting refused(int status, const std::string& code) {
  return {code,
          [=](const Format& format) {
            return answer_with(format.first, FakeS3::error(status, code), 1'000'000);
          },
          code};
}

Lasting name_taken() {
  return {"PreconditionFailed",
          [](const Format&) {
            return answer_with("PutObject", FakeS3::error(412, "PreconditionFailed"), 1'000'000);
          },
          "PreconditionFailed"};
}

Lasting retry_after_an_hour() {
  return {"RetryAfterAnHour",
          [](const Format& format) {
            HttpReply reply = FakeS3::error(503, "SlowDown");
            reply.headers["Retry-After"] = "3600";
            return answer_with(format.upload, reply, 1'000'000);
          },
          "to be tried again after 3600 s"};
}

INSTANTIATE_TEST_SUITE_P(, S3LastingFault,
                         testing::Combine(testing::Values(refused(403, "AccessDenied"),
                                                          refused(404, "NoSuchBucket"),
                                                          refused(403, "InvalidBucketState"),
                                                          name_taken(), retry_after_an_hour()),
                                          testing::Values(kArchive, kClassic)),
                         name_of<Lasting>);

class S3Faults : public S3FaultsBase, public testing::TestWithParam<Format> {
 protected:
  static void SetUpTestSuite() { set_up(); }
  static void TearDownTestSuite() { tear_down(); }
};

TEST_P(S3Faults, ARefusedConnectionIsSurvived) {
  FakeS3 s3;
  test::TcpProxy proxy("127.0.0.1", s3.server().port());
  const std::string endpoint = "http://127.0.0.1:" + std::to_string(proxy.port());
  proxy.refuse();
  test::RunningCommand backup(test::pgseal_command(backup_arguments(GetParam())),
                              test::pgseal_environment(variables(endpoint)));
  EXPECT_TRUE(backup.wait_for_error_text("try 2 of 10 follows")) << backup.error_so_far();
  proxy.accept_again();
  expect_survived(backup.join(), GetParam(), endpoint, "connection");
}

TEST_P(S3Faults, AStalledUploadIsSurvived) {
  FakeS3 s3;
  test::TcpProxy proxy("127.0.0.1", s3.server().port());
  const std::string endpoint = "http://127.0.0.1:" + std::to_string(proxy.port());
  proxy.stall();
  test::RunningCommand backup(
      test::pgseal_command(backup_arguments(GetParam(), {"--stall-timeout", "1"})),
      test::pgseal_environment(variables(endpoint)));
  EXPECT_TRUE(backup.wait_for_error_text("try 2 of 10 follows")) << backup.error_so_far();
  proxy.resume();
  expect_survived(backup.join(), GetParam(), endpoint, "timeout");
}

TEST_P(S3Faults, WithoutAnyAHandshakeServesAWorkerForAWholeBackup) {
  FakeS3 s3;
  const test::Certificates certificates;
  const test::Relay tls(test::Relay::Kind::tls, s3.server().port(), &certificates);
  const auto backup = back_up(GetParam(), "https://127.0.0.1:" + std::to_string(tls.port()),
                              {"--jobs", "2", "--ca-bundle", certificates.ca_pem()});
  ASSERT_TRUE(backup.ok()) << backup.describe();
  // The relay makes a connection for each that it takes. Archives are put by three threads, and the
  // signature by one of those that made them; the one part of a small classic backup goes beside
  // what begins and ends uploads.
  EXPECT_LE(s3.server().connections(), GetParam().name == kArchive.name ? 4 : 2);
  EXPECT_GE(s3.requests().size(), 7u);
  EXPECT_EQ(Json::parse(backup.out).at("retries"), 0);
  EXPECT_EQ(Json::parse(backup.out).at("retries_by_cause"), Json::object());
}

INSTANTIATE_TEST_SUITE_P(, S3Faults, testing::Values(kArchive, kClassic),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace pgseal
