#include "aws/sts.h"

#include <gtest/gtest.h>

#include <functional>

#include "aws/sigv4.h"
#include "base/error.h"
#include "base/format.h"
#include "support/scripted_http_server.h"

namespace pgseal::aws {
namespace {

using test::HttpReply;
using test::HttpRequest;
using test::ScriptedHttpServer;

constexpr const char* kForm = "application/x-www-form-urlencoded; charset=utf-8";

HttpReply role_reply(const std::string& action) {
  return {
      .status = 200,
      .headers = {},
      .body = format("<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{0}Result>"
                     "<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret-1"
                     "</SecretAccessKey><SessionToken>secret-2</SessionToken><Expiration>"
                     "2026-11-26T05:00:00Z</Expiration></Credentials></{0}Result></{0}Response>",
                     action)};
}

HttpReply refusal(int status, const std::string& code, const std::string& message) {
  return {.status = status,
          .headers = {},
          .body = format("<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}"
                         "</Message></Error><RequestId>1234-5678</RequestId></ErrorResponse>",
                         code, message)};
}

/// The machine's clock, but it does not sleep.
class Hurried final : public Clock {
 public:
  TimePoint now() const override { return parse_utc("2026-11-26T04:00:00Z").value(); }
  std::chrono::nanoseconds monotonic() const override { return {}; }
  void sleep(std::chrono::nanoseconds, const std::stop_token&) const override {}
};

class StsTest : public testing::Test {
 protected:
  Sts sts(const ScriptedHttpServer& server) {
    return {{.region = "eu-west-1", .endpoint = server.url()}, http_, clock_};
  }

  const Credentials by_{.access_key_id = "AKIABASE",
                        .secret_access_key = Secret("secret-0"),
                        .session_token = Secret("token-0"),
                        .expiration = {}};
  const Role role_{.arn = "arn:aws:iam::123456789012:role/backup",
                   .external_id = "a b&c",
                   .duration_seconds = 900};
  net::HttpClient http_;
  Hurried clock_;
};

std::string error_text(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::storage);
    EXPECT_EQ(error.message().find("secret-"), std::string::npos) << error.message();
    return error.message();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST_F(StsTest, TakesOnARole) {
  ScriptedHttpServer server([](const HttpRequest&) { return role_reply("AssumeRole"); });
  const Credentials got = sts(server).assume_role(role_, by_, {});
  EXPECT_EQ(got.access_key_id, "ASIAROLE");
  EXPECT_EQ(got.secret_access_key, Secret("secret-1"));
  EXPECT_EQ(got.session_token, Secret("secret-2"));
  EXPECT_EQ(got.expiration, parse_utc("2026-11-26T05:00:00Z"));

  const HttpRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/");
  EXPECT_EQ(request.header("content-type"), kForm);
  EXPECT_EQ(request.header("x-amz-security-token"), "token-0");
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole"
            "%2Fbackup&RoleSessionName=pgseal&DurationSeconds=900&ExternalId=a%20b%26c");
  EXPECT_TRUE(request.header("authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AKIABASE/20261126/eu-west-1/sts/"
                               "aws4_request"))
      << request.header("authorization");
}

TEST_F(StsTest, TakesOnARoleByAWebIdentityWithoutSigning) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return role_reply("AssumeRoleWithWebIdentity"); });
  EXPECT_EQ(sts(server)
                .assume_role_with_web_identity({.arn = "arn:r", .external_id = "is for others"},
                                               Secret("the.token"), {})
                .access_key_id,
            "ASIAROLE");
  const HttpRequest request = server.requests().at(0);
  EXPECT_EQ(request.header("authorization"), "");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName="
            "pgseal&WebIdentityToken=the.token");
}

TEST_F(StsTest, SaysWhoWeAre) {
  ScriptedHttpServer server([](const HttpRequest&) {
    return HttpReply{.status = 200,
                     .headers = {},
                     .body =
                         "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::"
                         "1:user/u</Arn><UserId>AIDA</UserId><Account>1</Account>"
                         "</GetCallerIdentityResult></GetCallerIdentityResponse>"};
  });
  const CallerIdentity identity = sts(server).caller_identity(by_, {});
  EXPECT_EQ(identity.account, "1");
  EXPECT_EQ(identity.arn, "arn:aws:iam::1:user/u");
  EXPECT_EQ(identity.user_id, "AIDA");
}

TEST_F(StsTest, TellsARefusalWhole) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return refusal(403, "AccessDenied", "not you"); });
  EXPECT_EQ(error_text([&] { (void)sts(server).assume_role(role_, by_, {}); }),
            "cannot assume role arn:aws:iam::123456789012:role/backup: AccessDenied: not you "
            "(HTTP 403, request id 1234-5678)");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(StsTest, TriesAgainWhatMayGoBetter) {
  int number = 0;
  ScriptedHttpServer server([&](const HttpRequest&) {
    switch (++number) {
      case 1:
        return refusal(400, "Throttling", "slower");
      case 2:
        return HttpReply{.status = 503, .headers = {}, .body = "busy"};
      case 3:
        return HttpReply{.drop = true};
      default:
        return role_reply("AssumeRole");
    }
  });
  EXPECT_EQ(sts(server).assume_role(role_, by_, {}).access_key_id, "ASIAROLE");
  EXPECT_EQ(number, 4);
}

TEST_F(StsTest, DoesNotTrustAnAnswerThatWasCutOrHoldsNothing) {
  std::string body = role_reply("AssumeRole").body;
  ScriptedHttpServer server(
      [&](const HttpRequest&) { return HttpReply{.status = 200, .headers = {}, .body = body}; });
  const std::string whole = body;
  for (const std::string& broken :
       {whole.substr(0, whole.size() - 5), std::string("<html/>"), std::string()}) {
    body = broken;
    EXPECT_NE(error_text([&] {
                (void)sts(server).assume_role(role_, by_, {});
              }).find("holds no credentials"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace pgseal::aws
