#include "aws/credentials.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "aws/sts.h"
#include "base/error.h"
#include "base/format.h"
#include "base/json.h"
#include "net/http_client.h"
#include "support/scripted_http_server.h"
#include "support/temp_dir.h"

namespace pgseal::aws {
namespace {

using namespace std::chrono_literals;
using test::HttpReply;
using test::HttpRequest;
using test::ScriptedHttpServer;
using test::TempDir;
using test::write_text;

constexpr const char* kTokenTtl = "x-aws-ec2-metadata-token-ttl-seconds";
constexpr const char* kToken = "x-aws-ec2-metadata-token";
constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";

/// A clock that the test moves.
class FakeClock final : public Clock {
 public:
  TimePoint now() const override {
    return parse_utc("2026-11-24T04:00:00Z").value() + passed_.load();
  }
  std::chrono::nanoseconds monotonic() const override { return passed_.load(); }
  void sleep(std::chrono::nanoseconds, const std::stop_token&) const override {}
  void advance(std::chrono::nanoseconds by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<std::chrono::nanoseconds> passed_{0ns};
};

HttpReply plain(int status, std::string body = "") {
  return {.status = status, .headers = {}, .body = std::move(body)};
}

HttpReply credentials_reply(const std::string& id, const std::string& expiration) {
  return plain(200, Json({{"Code", "Success"},
                          {"AccessKeyId", id},
                          {"SecretAccessKey", "top-secret"},
                          {"Token", "session-secret"},
                          {"Expiration", expiration}})
                        .dump());
}

/// Plays EC2's metadata service, which answers nothing without a token.
HttpReply instance_metadata(const HttpRequest& request) {
  if (request.method == "PUT" && request.target == "/latest/api/token") {
    return request.header(kTokenTtl).empty() ? plain(400) : plain(200, "the-token");
  }
  if (request.header(kToken) != "the-token") return plain(401);
  if (request.target == kRoles) return plain(200, "backup-role\n");
  if (request.target == kRoles + std::string("backup-role")) {
    return credentials_reply("ASIAINSTANCE", "2026-11-24T10:00:00Z");
  }
  return plain(404);
}

class CredentialChain : public testing::Test {
 protected:
  /// A chain in which neither the container's nor the instance's endpoint is left as AWS has it.
  std::unique_ptr<CredentialProvider> chain(ChainOptions options) {
    if (options.imds_endpoint == ChainOptions().imds_endpoint) options.imds_disabled = true;
    return make_credential_chain(options, http_, sts_, clock_);
  }

  std::unique_ptr<CredentialProvider> container_chain(const ScriptedHttpServer& server) {
    ChainOptions options;
    options.container_endpoint = server.url();
    options.container_relative_uri = "/v2/credentials/1234";
    return chain(std::move(options));
  }

  std::unique_ptr<CredentialProvider> instance_chain(const ScriptedHttpServer& server) {
    ChainOptions options;
    options.imds_endpoint = server.url();
    return chain(std::move(options));
  }

  static Error error_of(CredentialProvider& provider) {
    try {
      ADD_FAILURE() << "credentials of " << provider.get({}).access_key_id;
    } catch (const Error& error) {
      EXPECT_EQ(error.message().find("secret-"), std::string::npos) << error.message();
      return error;
    }
    return {Exit::ok, ""};
  }

  net::HttpClient http_;
  FakeClock clock_;
  Sts sts_{{.endpoint = "http://127.0.0.1:9"}, http_, clock_};  // nobody is there
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(CredentialChain, TakesTheEnvironmentFirst) {
  ScriptedHttpServer server(instance_metadata);
  ChainOptions options;
  options.access_key_id = "AKIAENV";
  options.secret_access_key = Secret("secret-env");
  options.session_token = Secret("session-env");
  options.container_endpoint = options.imds_endpoint = server.url();
  options.container_relative_uri = "/c";
  const Credentials credentials = chain(std::move(options))->get({});
  EXPECT_EQ(credentials.access_key_id, "AKIAENV");
  EXPECT_EQ(credentials.secret_access_key, Secret("secret-env"));
  EXPECT_EQ(credentials.session_token, Secret("session-env"));
  EXPECT_FALSE(credentials.expiration.has_value());
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CredentialChain, ReportsHalfAKeyPairAndLetsNoOtherIdentityStandIn) {
  ScriptedHttpServer server(instance_metadata);
  ChainOptions options;
  options.imds_endpoint = server.url();
  options.secret_access_key = Secret("secret-env");
  expect_contains(error_of(*chain(options)).message(),
                  "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
  options.secret_access_key = {};
  options.access_key_id = "AKIAENV";
  expect_contains(error_of(*chain(options)).message(),
                  "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CredentialChain, SaysWhatWasTriedAndWhyEachGaveNothing) {
  const Error error = error_of(*chain({}));
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_EQ(error.message(),
            "cannot get AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; "
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
            "profile \"default\": no file is known that could have it; "
            "container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ..._FULL_URI is set; "
            "EC2 instance metadata: disabled by AWS_EC2_METADATA_DISABLED");
  EXPECT_FALSE(error.hint().empty());
}

TEST_F(CredentialChain, AsksTheContainersEndpoint) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return request.target == "/v2/credentials/1234"
               ? credentials_reply("ASIATASK", "2026-11-24T10:00:00Z")
               : plain(404);
  });
  const Credentials credentials = container_chain(server)->get({});
  EXPECT_EQ(credentials.access_key_id, "ASIATASK");
  EXPECT_EQ(credentials.secret_access_key, Secret("top-secret"));
  EXPECT_EQ(credentials.session_token, Secret("session-secret"));
  EXPECT_EQ(credentials.expiration, parse_utc("2026-11-24T10:00:00Z"));
}

TEST_F(CredentialChain, RefusesARelativeUriThatCouldNameAnotherHost) {
  ChainOptions options;
  options.container_relative_uri = "@127.0.0.1/";
  expect_contains(error_of(*chain(options)).message(), "does not begin with \"/\"");
}

TEST_F(CredentialChain, GivesTheContainersEndpointATokenThatIsReadAnew) {
  TempDir directory;
  ScriptedHttpServer server([](const HttpRequest& request) {
    // The first has little time left, so that another is fetched.
    if (request.header("authorization") == "secret-one") {
      return credentials_reply("ASIAONE", "2026-11-24T04:16:00Z");
    }
    return request.header("authorization") == "secret-two"
               ? credentials_reply("ASIATWO", "2026-11-24T10:00:00Z")
               : plain(401);
  });
  ChainOptions options;
  options.container_full_uri = server.url() + "/v1/credentials";
  options.container_token = Secret("secret-that-the-file-overrules");
  options.container_token_file = directory / "token";
  write_text(directory / "token", "secret-one\n");
  const auto provider = chain(options);
  EXPECT_EQ(provider->get({}).access_key_id, "ASIAONE");
  write_text(directory / "token", "secret-two");
  provider->invalidate();
  EXPECT_EQ(provider->get({}).access_key_id, "ASIATWO");
  EXPECT_EQ(server.requests().back().target, "/v1/credentials");

  options.container_token_file.clear();
  options.container_token = Secret("secret-two");
  EXPECT_EQ(chain(options)->get({}).access_key_id, "ASIATWO");
}

TEST_F(CredentialChain, RefusesAContainersEndpointThatAnybodyCouldBe) {
  for (const char* url :
       {"http://example.com/", "http://169.254.170.2.example.com/", "http://127.0.0.1@example.com/",
        "http://127.0.0.1:80@example.com/", "http://127.0.0.1\\@example.com/",
        "http://127.example.com/", "ftp://127.0.0.1/", "127.0.0.1"}) {
    ChainOptions options;
    options.container_full_uri = url;
    expect_contains(error_of(*chain(options)).message(),
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine");
  }
}

TEST_F(CredentialChain, SaysWhatIsWrongWithAContainersToken) {
  TempDir directory;
  ChainOptions options;
  options.container_full_uri = "http://127.0.0.1:1/";
  options.container_token_file = directory / "none";
  expect_contains(error_of(*chain(options)).message(),
                  "container: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot read ");
  options.container_token_file.clear();
  options.container_token = Secret("secret-\r\nhost: example.com");
  expect_contains(error_of(*chain(options)).message(), "has a line end in it");
}

TEST_F(CredentialChain, AFailingContainerEndpointDoesNotLeadToTheInstancesRole) {
  ScriptedHttpServer instance(instance_metadata);
  ScriptedHttpServer container([](const HttpRequest&) { return plain(503, "secret-body"); });
  ChainOptions options;
  options.container_endpoint = container.url();
  options.container_relative_uri = "/c";
  options.imds_endpoint = instance.url();
  expect_contains(error_of(*chain(options)).message(), "answers HTTP status 503");
  EXPECT_EQ(container.requests().size(), 3U);
  EXPECT_EQ(instance.connections(), 0);
}

TEST_F(CredentialChain, RefusesAnswersThatAreNoCredentials) {
  for (const char* body : {
           "",
           "secret-text",
           "[]",
           "{\"SecretAccessKey\": \"secret-key\"}",
           "{\"AccessKeyId\": 1, \"SecretAccessKey\": \"secret-key\"}",
           "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"secret-key\", \"Expiration\": "
           "\"soon\"}",
           "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"secret-key\", \"Expiration\": 12}",
       }) {
    ScriptedHttpServer server([&](const HttpRequest&) { return plain(200, body); });
    expect_contains(error_of(*container_chain(server)).message(), "container: the answer");
  }
}

TEST_F(CredentialChain, RefusesCredentialsThatHaveExpired) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return credentials_reply("ASIAOLD", "2026-11-24T03:59:59Z"); });
  expect_contains(error_of(*container_chain(server)).message(), "expired at 2026-11-24T03:59:59Z");
}

TEST_F(CredentialChain, AsksInstanceMetadataWithAToken) {
  ScriptedHttpServer server(instance_metadata);
  const Credentials credentials = instance_chain(server)->get({});
  EXPECT_EQ(credentials.access_key_id, "ASIAINSTANCE");
  EXPECT_EQ(credentials.expiration, parse_utc("2026-11-24T10:00:00Z"));
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CredentialChain, NeverAsksInstanceMetadataWithoutAToken) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    if (request.method == "PUT") return plain(403);
    return plain(200, "backup-role");  // version 1 would be glad to help
  });
  expect_contains(error_of(*instance_chain(server)).message(),
                  "/latest/api/token\" answers HTTP status 403");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CredentialChain, SaysThatTheInstanceHasNoRole) {
  for (const char* roles : {"", "\n", "<html>"}) {
    ScriptedHttpServer server([&](const HttpRequest& request) {
      return request.target == kRoles ? plain(200, roles) : instance_metadata(request);
    });
    expect_contains(error_of(*instance_chain(server)).message(), "the instance has no role");
    EXPECT_EQ(server.requests().size(), 2U);
  }
}

TEST_F(CredentialChain, TriesInstanceMetadataTwice) {
  std::atomic<int> count = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    HttpReply reply = instance_metadata(request);
    reply.drop = ++count == 1;
    return reply;
  });
  EXPECT_EQ(instance_chain(server)->get({}).access_key_id, "ASIAINSTANCE");
}

TEST_F(CredentialChain, DoesNotWaitLongForInstanceMetadata) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = {}, .hold = true}; });
  const auto start = std::chrono::steady_clock::now();
  expect_contains(error_of(*instance_chain(server)).message(), "timed out");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(CredentialChain, DoesNotAskInstanceMetadataThatIsDisabled) {
  ScriptedHttpServer server(instance_metadata);
  ChainOptions options;
  options.imds_endpoint = server.url();
  options.imds_disabled = true;
  expect_contains(error_of(*chain(options)).message(), "disabled by AWS_EC2_METADATA_DISABLED");
  EXPECT_EQ(server.connections(), 0);
}

/// A container's endpoint whose credentials live an hour from when they are asked for.
class CachedCredentials : public CredentialChain {
 protected:
  HttpReply reply() {
    const int n = ++count_;
    HttpReply made = credentials_reply(format("ASIA{}", n), format_utc(clock_.now() + 1h));
    if (broken_) made = plain(500, "secret-body");
    made.hold = held_;
    return made;
  }

  std::atomic<int> count_ = 0;
  std::atomic<bool> broken_ = false;
  std::atomic<bool> held_ = false;
  ScriptedHttpServer server_{[this](const HttpRequest&) { return reply(); }};
  std::unique_ptr<CredentialProvider> provider_ = container_chain(server_);

  std::string key() { return provider_->get({}).access_key_id; }
};

TEST_F(CachedCredentials, AreRenewedFiveMinutesBeforeTheyExpire) {
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(54min + 59s);
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(1s);
  EXPECT_EQ(key(), "ASIA2");
  EXPECT_EQ(key(), "ASIA2");
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(CachedCredentials, ServeUntilTheyExpireWhereRenewingFails) {
  EXPECT_EQ(key(), "ASIA1");
  broken_ = true;
  clock_.advance(56min);
  testing::internal::CaptureStderr();
  EXPECT_EQ(key(), "ASIA1");
  const std::string log = testing::internal::GetCapturedStderr();
  expect_contains(log, "cannot renew AWS credentials");
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
  const auto asked = server_.requests().size();
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(server_.requests().size(), asked);  // not at every call
  clock_.advance(1min);
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_GT(server_.requests().size(), asked);
  clock_.advance(3min);
  expect_contains(error_of(*provider_).message(), "answers HTTP status 500");
  broken_ = false;
  EXPECT_NE(key(), "ASIA1");
}

TEST_F(CachedCredentials, AreForgottenWhereTheyWereRefused) {
  EXPECT_EQ(key(), "ASIA1");
  provider_->invalidate();
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(CachedCredentials, AreFetchedByOneThreadForAll) {
  held_ = true;
  std::vector<std::future<std::string>> keys;
  for (int i = 0; i < 4; ++i) keys.push_back(std::async(std::launch::async, [&] { return key(); }));
  EXPECT_TRUE(server_.wait_for_requests(1));
  server_.release();
  for (auto& k : keys) EXPECT_EQ(k.get(), "ASIA1");
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(CachedCredentials, ServeTheOthersWhileOneThreadRenewsThem) {
  EXPECT_EQ(key(), "ASIA1");
  clock_.advance(56min);
  held_ = true;
  auto renewed = std::async(std::launch::async, [&] { return key(); });
  EXPECT_TRUE(server_.wait_for_requests(2));
  EXPECT_EQ(key(), "ASIA1");
  server_.release();
  EXPECT_EQ(renewed.get(), "ASIA2");
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(CachedCredentials, LeaveNobodyWaitingAfterAStop) {
  held_ = true;
  std::stop_source first, second;
  const auto cancelled = [&](std::stop_token stop) {
    EXPECT_THROW((void)provider_->get(stop), Cancelled);
  };
  auto fetching = std::async(std::launch::async, [&] { cancelled(first.get_token()); });
  EXPECT_TRUE(server_.wait_for_requests(1));
  auto waiting = std::async(std::launch::async, [&] { cancelled(second.get_token()); });
  second.request_stop();
  waiting.get();
  first.request_stop();
  fetching.get();
  held_ = false;
  EXPECT_EQ(key(), "ASIA2");
}

/// A role on top of credentials that the test counts, both of one server.
class TakenOnRole : public CredentialChain {
 protected:
  HttpReply reply(const HttpRequest& request) {
    if (request.method == "GET") return credentials_reply(format("BASE{}", ++bases_), expiration());
    if (refused_ > 0 && refused_-- > 0)
      return plain(403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>");
    return plain(200,
                 format("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE{}"
                        "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                        "</SessionToken><Expiration>{}</Expiration></Credentials>"
                        "</AssumeRoleResult></AssumeRoleResponse>",
                        ++roles_, expiration()));
  }
  [[nodiscard]] std::string expiration() const { return format_utc(clock_.now() + 1h); }
  std::string key() { return provider_->get({}).access_key_id; }

  std::atomic<int> bases_ = 0, roles_ = 0;
  std::atomic<int> refused_ = 0;  // how many requests to STS shall be
  ScriptedHttpServer server_{[this](const HttpRequest& request) { return reply(request); }};
  Sts scripted_sts_{{.endpoint = server_.url()}, http_, clock_};
  std::unique_ptr<CredentialProvider> base_ = container_chain(server_);
  std::unique_ptr<CredentialProvider> provider_ =
      make_role_provider({.arn = "arn:role"}, *base_, scripted_sts_, clock_);
};

TEST_F(TakenOnRole, IsCachedAndTakenOnAnewBeforeItEnds) {
  EXPECT_EQ(key(), "ROLE1");
  EXPECT_EQ(key(), "ROLE1");
  clock_.advance(56min);
  EXPECT_EQ(key(), "ROLE2");
  EXPECT_EQ(bases_, 2);  // whose credentials were about to end too
}

TEST_F(TakenOnRole, FetchesFreshCredentialsWhereStsRefusedTheOld) {
  EXPECT_EQ(key(), "ROLE1");
  refused_ = 1;
  provider_->invalidate();
  EXPECT_EQ(key(), "ROLE2");
  EXPECT_EQ(bases_, 2);
}

TEST_F(TakenOnRole, GivesUpWhereStsRefusesTheFreshOnesToo) {
  EXPECT_EQ(key(), "ROLE1");
  refused_ = 2;
  provider_->invalidate();
  expect_contains(
      error_of(*provider_).message(),
      "cannot get AWS credentials: role arn:role: cannot assume role arn:role: ExpiredToken");
  EXPECT_EQ(key(), "ROLE2");
  EXPECT_EQ(bases_, 2);
}

/// A profile whose keys the platform exchanges.
TEST_F(CredentialChain, ReadsTheSharedFilesAnew) {
  const TempDir directory;
  const auto write = [&](const std::string& id) {
    write_text(directory / "credentials",
               "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = secret-s\n");
  };
  ChainOptions options;
  options.files.credentials = directory / "credentials";
  write("FIRST");
  const auto provider = chain(options);
  EXPECT_EQ(provider->get({}).access_key_id, "FIRST");
  EXPECT_EQ(provider->asked().back().name, "profile \"default\"");
  write("SECOND");
  EXPECT_EQ(provider->get({}).access_key_id, "FIRST");
  clock_.advance(5min);
  EXPECT_EQ(provider->get({}).access_key_id, "SECOND");
  write("THIRD");
  provider->invalidate();
  EXPECT_EQ(provider->get({}).access_key_id, "THIRD");
}

TEST_F(CredentialChain, RefusesAProfileThatAsksForACodeOfADevice) {
  const TempDir directory;
  write_text(directory / "config",
             "[default]\nrole_arn = arn:r\nsource_profile = p\nmfa_serial = arn:mfa\n"
             "[profile p]\naws_access_key_id = A\naws_secret_access_key = secret-s\n");
  ChainOptions options;
  options.files.config = directory / "config";
  expect_contains(error_of(*chain(options)).message(), "mfa_serial");
}

TEST_F(CredentialChain, DoesNotWaitForWhatAProcessLeftBehind) {
  const TempDir directory;
  write_text(directory / "config",
             "[default]\ncredential_process = sleep 1000 & echo "
             R"('{"Version": 1, "AccessKeyId": "OF-PROCESS", "SecretAccessKey": "s"}')");
  ChainOptions options;
  options.files.config = directory / "config";
  EXPECT_EQ(chain(options)->get({}).access_key_id, "OF-PROCESS");
}

TEST_F(CredentialChain, TellsAFailingProcessByItsLastWord) {
  const TempDir directory;
  write_text(directory / "config",
             "[default]\ncredential_process = echo first >&2; echo no ticket >&2; exit 3\n");
  ChainOptions options;
  options.files.config = directory / "config";
  expect_contains(error_of(*chain(options)).message(),
                  "profile \"default\": credential_process: exit code 3: no ticket");
}

}  // namespace
}  // namespace pgseal::aws
