#include "net/http_client.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <set>
#include <thread>

#include "base/error.h"
#include "support/certificates.h"
#include "support/command.h"
#include "support/scripted_http_server.h"
#include "support/tcp_proxy.h"

namespace pgseal::net {
namespace {

using namespace std::chrono_literals;
using test::HttpReply;
using test::HttpRequest;
using test::ScriptedHttpServer;

/// The error of a request that gets no answer.
Error error_of(HttpClient& client, const Request& request, const std::stop_token& stop = {}) {
  try {
    const Response response = client.send(request, stop);
    ADD_FAILURE() << "an answer of status " << response.status;
  } catch (const Error& error) {
    return error;
  }
  return {Exit::ok, ""};
}

int closed_port() {
  return ScriptedHttpServer([](const HttpRequest&) { return HttpReply{}; }).port();
}

class EnvironmentVariable final {
 public:
  EnvironmentVariable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(HttpClient, ReturnsStatusHeadersAndBody) {
  ScriptedHttpServer server([](const HttpRequest&) {
    return HttpReply{.status = 404, .headers = {{"X-Mixed-Case", " a value "}}, .body = "no such"};
  });
  HttpClient client;
  const Response response =
      client.send({.url = server.url() + "/a%20b?c=d", .headers = {}, .body = {}}, {});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.header("x-mixed-case"), "a value");
  EXPECT_EQ(response.header("x-absent"), "");
  EXPECT_EQ(as_text(response.body), "no such");
  EXPECT_EQ(server.requests().at(0).target, "/a%20b?c=d");
}

TEST(HttpClient, SendsHeadersAndBodyAsGivenAndNothingElse) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  HttpClient client;
  const std::string body(3 * kMiB,
                         'x');  // long enough for libcurl to think of Expect: 100-continue
  const Response response = client.send({.method = "PUT",
                                         .url = server.url() + "/k",
                                         .headers = {{"X-One", "1"}, {"x-empty", ""}},
                                         .body = as_bytes(body)},
                                        {});
  EXPECT_EQ(response.status, 200);
  const HttpRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.body_size, body.size());
  EXPECT_EQ(request.body, body);
  EXPECT_EQ(request.header("content-length"), std::to_string(body.size()));
  std::set<std::string> names;
  for (const auto& [name, value] : request.headers) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"content-length", "host", "x-empty", "x-one"}));
}

TEST(HttpClient, KnowsTheMethodsOfS3) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = "content"}; });
  HttpClient client;
  for (const std::string method : {"GET", "HEAD", "DELETE", "POST", "PUT", "GET"}) {
    const Response response =
        client.send({.method = method, .url = server.url() + "/k", .headers = {}, .body = {}}, {});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(as_text(response.body), method == "HEAD" ? "" : "content") << method;
    const HttpRequest request = server.requests().back();
    EXPECT_EQ(request.method, method);
    const bool has_body = method == "POST" || method == "PUT";
    EXPECT_EQ(request.header("content-length"), has_body ? "0" : "") << method;
  }
}

TEST(HttpClient, KeepsPathsAsTheyAre) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  HttpClient client;
  EXPECT_EQ(
      client.send({.url = server.url() + "/a/../b//c/.", .headers = {}, .body = {}}, {}).status,
      200);
  EXPECT_EQ(server.requests().at(0).target, "/a/../b//c/.");
}

TEST(HttpClient, UsesAConnectionAgain) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  HttpClient client;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.send({.url = server.url() + "/", .headers = {}, .body = {}}, {}).status, 200);
  }
  EXPECT_EQ(server.requests().size(), 5U);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ServesManyThreadsWithAConnectionEach) {
  ScriptedHttpServer server(
      [](const HttpRequest& request) { return HttpReply{.headers = {}, .body = request.body}; });
  HttpClient client;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          const std::string body = std::to_string(t * 1000 + i);
          const Response response = client.send(
              {.method = "POST", .url = server.url() + "/", .headers = {}, .body = as_bytes(body)},
              {});
          if (as_text(response.body) == body) ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 100);
  EXPECT_LE(server.connections(), 4);
}

TEST(HttpClient, ARefusedConnectionIsRetryableAndItsErrorHasNoQuery) {
  HttpClient client;
  const std::string url = "http://127.0.0.1:" + std::to_string(closed_port()) + "/bucket/key";
  const Error error =
      error_of(client, {.url = url + "?X-Amz-Signature=abc", .headers = {}, .body = {}});
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_TRUE(error.retryable());
  EXPECT_TRUE(error.message().starts_with("cannot reach \"" + url + "\": Connection refused"))
      << error.message();
}

TEST(HttpClient, ATruncatedAnswerIsRetryable) {
  ScriptedHttpServer server([](const HttpRequest&) {
    return HttpReply{.headers = {}, .body = "0123456789", .truncate_at = 4};
  });
  HttpClient client;
  const Error error = error_of(client, {.url = server.url() + "/", .headers = {}, .body = {}});
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_TRUE(error.retryable());
}

TEST(HttpClient, ADroppedConnectionIsRetryableAndTheNextRequestSucceeds) {
  std::atomic<int> count = 0;
  ScriptedHttpServer server([&](const HttpRequest&) {
    return HttpReply{.headers = {}, .body = {}, .drop = ++count == 1, .reset = true};
  });
  HttpClient client;
  EXPECT_TRUE(error_of(client, {.url = server.url() + "/", .headers = {}, .body = {}}).retryable());
  EXPECT_EQ(client.send({.url = server.url() + "/", .headers = {}, .body = {}}, {}).status, 200);
}

TEST(HttpClient, StopCancelsAHangingRequestPromptly) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = {}, .hold = true}; });
  HttpClient client;
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  std::jthread stopper([&] {
    EXPECT_TRUE(server.wait_for_requests(1));
    asked = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  EXPECT_THROW(
      (void)client.send({.url = server.url() + "/", .headers = {}, .body = {}}, stop.get_token()),
      Cancelled);
  const auto cancelled = std::chrono::steady_clock::now();
  stopper.join();
  EXPECT_LT(cancelled - asked, 1500ms);
}

TEST(HttpClient, AStopRequestedBeforehandSendsNothing) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  HttpClient client;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(
      (void)client.send({.url = server.url() + "/", .headers = {}, .body = {}}, stop.get_token()),
      Cancelled);
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, AStalledExchangeEndsAndIsRetryable) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = {}, .hold = true}; });
  HttpClient client({.ca_bundle = {}, .stall_timeout = 1s});
  const auto start = std::chrono::steady_clock::now();
  const Error error = error_of(client, {.url = server.url() + "/", .headers = {}, .body = {}});
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_TRUE(error.retryable());
  const auto duration = std::chrono::steady_clock::now() - start;
  EXPECT_GE(duration, 900ms);
  EXPECT_LT(duration, 5s);
}

TEST(HttpClient, AStalledUploadEndsAndIsRetryable) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  test::TcpProxy proxy("127.0.0.1", server.port());
  proxy.stall();
  HttpClient client({.ca_bundle = {}, .stall_timeout = 1s});
  const Bytes body(32 * kMiB);  // more than sockets buffer
  const Request request{.method = "PUT",
                        .url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/",
                        .headers = {},
                        .body = body};
  const Error error = error_of(client, request);
  ASSERT_TRUE(error.retryable()) << error.message();
  EXPECT_EQ(error.retry()->cause, "timeout");
  proxy.resume();
  EXPECT_EQ(client.send(request, {}).status, 200);
  EXPECT_EQ(proxy.connections(), 2);
}

TEST(HttpClient, TakesNewConnectionsAfterOneThatFailed) {
  std::atomic<bool> fail = false;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    HttpReply reply{.headers = {}, .body = "0123456789", .hold = request.path == "/held"};
    if (fail.exchange(false)) reply.truncate_at = 4;
    return reply;
  });
  HttpClient client;
  const auto send = [&](const std::string& path) {
    return client.send({.url = server.url() + path, .headers = {}, .body = {}}, {}).status;
  };
  {
    std::jthread other([&] { EXPECT_EQ(send("/held"), 200); });
    EXPECT_TRUE(server.wait_for_requests(1));
    EXPECT_EQ(send("/"), 200);
    server.release();
  }
  EXPECT_EQ(server.connections(), 2);  // both idle now
  fail = true;
  EXPECT_TRUE(error_of(client, {.url = server.url() + "/", .headers = {}, .body = {}}).retryable());
  EXPECT_EQ(send("/"), 200);
  EXPECT_EQ(server.connections(), 3);
}

TEST(HttpClient, TheTimeoutOfARequestEndsIt) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = {}, .hold = true}; });
  HttpClient client;
  const auto start = std::chrono::steady_clock::now();
  const Error error =
      error_of(client, {.url = server.url() + "/", .headers = {}, .body = {}, .timeout = 300ms});
  EXPECT_TRUE(error.retryable());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST(HttpClient, FollowsNoRedirect) {
  ScriptedHttpServer server([](const HttpRequest&) {
    return HttpReply{.status = 301, .headers = {{"Location", "/elsewhere"}}, .body = {}};
  });
  HttpClient client;
  const Response response = client.send({.url = server.url() + "/", .headers = {}, .body = {}}, {});
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(response.header("location"), "/elsewhere");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClient, RefusesAnAnswerLongerThanTheLimit) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.headers = {}, .body = std::string(101, 'x')}; });
  HttpClient client;
  Request request{.url = server.url() + "/", .headers = {}, .body = {}, .response_limit = 100};
  const Error error = error_of(client, request);
  EXPECT_FALSE(error.retryable());
  EXPECT_NE(error.message().find("longer than 100 bytes"), std::string::npos) << error.message();
  request.response_limit = 101;
  EXPECT_EQ(client.send(request, {}).body.size(), 101U);
}

TEST(HttpClient, RefusesAHeaderWithALineBreak) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  HttpClient client;
  const Error error = error_of(
      client,
      {.url = server.url() + "/", .headers = {{"x-token", "abc\r\nx-evil: 1"}}, .body = {}});
  EXPECT_NE(error.message().find("\"x-token\" has a line break"), std::string::npos);
  EXPECT_EQ(error.message().find("evil"), std::string::npos);
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, GoesPastTheProxyWhereARequestSaysSo) {
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
  const EnvironmentVariable proxy("http_proxy",
                                  "http://127.0.0.1:" + std::to_string(closed_port()));
  HttpClient client;
  Request request{.url = server.url() + "/", .headers = {}, .body = {}, .no_proxy = true};
  EXPECT_EQ(client.send(request, {}).status, 200);
  request.no_proxy = false;
  EXPECT_TRUE(error_of(client, request).retryable());
}

TEST(HttpClient, OffersNoOtherProtocol) {
  HttpClient client;
  const Error error = error_of(client, {.url = "file:///etc/hostname", .headers = {}, .body = {}});
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_FALSE(error.retryable());
}

/// Answers every GET over TLS with the number of handshakes so far, and keeps connections.
class TlsServer final {
 public:
  enum class Versions { all, only_1_1 };
  explicit TlsServer(Versions versions = Versions::all)
      : command_({"python3", "-c", kScript, certificates_.cert_pem(), certificates_.key_pem(),
                  versions == Versions::all ? "all" : "only 1.1"}) {
    EXPECT_TRUE(test::wait_until([&] { return command_.output_so_far().ends_with('\n'); }))
        << command_.error_so_far();
  }
  [[nodiscard]] int port() const { return std::stoi(command_.output_so_far()); }
  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port()) + "/";
  }
  [[nodiscard]] std::string ca_pem() const { return certificates_.ca_pem(); }

 private:
  static constexpr const char* kScript = R"(
import http.server, ssl, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = str(context.session_stats()["accept_good"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
if sys.argv[3] == "only 1.1":
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # else openssl refuses, too
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
)";

  test::Certificates certificates_;
  test::RunningCommand command_;
};

TEST(HttpClient, OneHandshakeServesManyRequests) {
  const TlsServer server;
  HttpClient client({.ca_bundle = server.ca_pem()});
  for (int i = 0; i < 5; ++i) {
    const Response response = client.send({.url = server.url(), .headers = {}, .body = {}}, {});
    EXPECT_EQ(as_text(response.body), "1");
  }
}

TEST(HttpClient, TrustsTheAuthorityThatIsGiven) {
  const TlsServer server;
  HttpClient client({.ca_bundle = server.ca_pem()});
  EXPECT_EQ(client.send({.url = server.url(), .headers = {}, .body = {}}, {}).status, 200);
}

TEST(HttpClient, RefusesACertificateOfAnUnknownAuthorityForGood) {
  const TlsServer server;
  HttpClient client;
  const Error error = error_of(client, {.url = server.url(), .headers = {}, .body = {}});
  EXPECT_EQ(error.code(), Exit::storage);
  EXPECT_FALSE(error.retryable());
  EXPECT_NE(error.message().find("certificate"), std::string::npos) << error.message();
}

TEST(HttpClient, RefusesAServerThatHasOnlyAnOldTls) {
  const TlsServer server(TlsServer::Versions::only_1_1);
  const auto other_client =
      test::run({"openssl", "s_client", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-connect",
                 "127.0.0.1:" + std::to_string(server.port())});
  EXPECT_NE(other_client.out.find("Protocol  : TLSv1.1"), std::string::npos);
  HttpClient client({.ca_bundle = server.ca_pem()});
  const Error error = error_of(client, {.url = server.url(), .headers = {}, .body = {}});
  EXPECT_NE(error.message().find("protocol version"), std::string::npos) << error.message();
}

}  // namespace
}  // namespace pgseal::net
