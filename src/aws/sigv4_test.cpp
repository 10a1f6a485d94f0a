#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pgseal::aws {
namespace {

namespace fs = std::filesystem;

fs::path vectors() {
  const char* given = std::getenv("PGSEAL_VECTORS");
  return (given != nullptr ? fs::path(given) : fs::path(PGSEAL_SOURCE_DIR) / "../shared/vectors") /
         "sigv4";
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \r\n");
  return first == std::string::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \r\n") - first + 1);
}

std::string unescape(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

NamedValues parse_query(const std::string& text) {
  NamedValues query;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string pair = text.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    query.emplace_back(unescape(pair.substr(0, equals)),
                       equals == pair.size() ? "" : unescape(pair.substr(equals + 1)));
    at = end + 1;
  }
  return query;
}

/// An HTTP request as text; a header's line may go on in the next one, after white space.
struct RawRequest {
  std::string method, path, query;
  NamedValues headers;
  std::string body;
};

RawRequest parse_request(const std::string& text) {
  RawRequest raw;
  std::size_t at = text.find('\n') + 1;
  const std::string line = text.substr(0, at - 1);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');  // a path of the suite has a blank
  const std::string target = line.substr(first + 1, last - first - 1);
  raw.method = line.substr(0, first);
  raw.path = target.substr(0, target.find('?'));
  if (raw.path.size() < target.size()) raw.query = target.substr(raw.path.size() + 1);
  while (at < text.size() && text[at] != '\n') {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string header = text.substr(at, end - at);
    if (header[0] == ' ') {
      raw.headers.back().second += "\n" + header;
    } else {
      const auto colon = header.find(':');
      raw.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    at = end + 1;
  }
  if (at < text.size()) raw.body = text.substr(at + 1);
  return raw;
}

/// A case of AWS's suite.
struct Case {
  explicit Case(const fs::path& directory) : directory_(directory) {
    const Json context = Json::parse(file("context.json"));
    const Json& given = context.at("credentials");
    credentials.access_key_id = given.at("access_key_id");
    credentials.secret_access_key = Secret(given.at("secret_access_key"));
    omits_token = context.value("omit_session_token", false);
    token = given.value("token", "");
    // We always sign the token; the suite's way of adding it afterwards is signing without it.
    if (!omits_token) credentials.session_token = Secret(token);
    scope = {
        .region = context.at("region"),
        .service = context.at("service"),
        .path = context.at("normalize") ? SignedPath::normalized_and_escaped : SignedPath::escaped,
        .content_sha256 = context.at("sign_body")};
    now = parse_utc(context.at("timestamp").get<std::string>()).value();
    expires = std::chrono::seconds(context.at("expiration_in_seconds"));
    const RawRequest raw = parse_request(file("request.txt"));
    request.method = raw.method;
    request.path = raw.path;
    request.query = parse_query(raw.query);
    request.payload_sha256 = to_hex(crypto::sha256(as_bytes(raw.body)));
    for (const auto& [name, value] : raw.headers) {
      if (lower_case(name) == "host") {
        request.host = value;
      } else {
        request.headers.emplace_back(name, value);
      }
    }
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return read_file((directory_ / name).string());
  }
  [[nodiscard]] std::string expected(const std::string& name) const { return trimmed(file(name)); }

  SigningRequest request;
  SigningScope scope;
  Credentials credentials;
  std::string token;
  bool omits_token = false;
  TimePoint now;
  std::chrono::seconds expires{0};

 private:
  fs::path directory_;
};

/// Calls `judge` for every case; fails where the suite is not whole.
void for_each_case(const std::function<void(const Case&)>& judge) {
  constexpr int kCases = 38;
  if (!fs::is_directory(vectors())) {
    if (std::getenv("CI") != nullptr) FAIL() << "no AWS test suite in " << vectors();
    GTEST_SKIP() << "no AWS test suite in " << vectors();
  }
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(vectors())) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    judge(Case(entry.path()));
    ++count;
  }
  EXPECT_GE(count, kCases);
}

/// Headers in an order and form that can be compared.
std::multiset<std::string> comparable(const NamedValues& headers) {
  std::multiset<std::string> lines;
  for (const auto& [name, value] : headers) lines.insert(lower_case(name) + ":" + trimmed(value));
  return lines;
}

TEST(SigV4, HeaderFormAgreesWithAwsTestSuite) {
  for_each_case([](const Case& c) {
    const SigningRequest complete = with_auth_headers(c.request, c.scope, c.credentials, c.now);
    const std::string canonical = canonical_request(complete, c.scope.path);
    EXPECT_EQ(canonical, c.expected("header-canonical-request.txt"));
    const std::string to_sign = string_to_sign(canonical, c.scope, c.now);
    EXPECT_EQ(to_sign, c.expected("header-string-to-sign.txt"));
    EXPECT_EQ(signature(to_sign, c.scope, c.credentials.secret_access_key, c.now),
              c.expected("header-signature.txt"));

    NamedValues sent = sign_headers(c.request, c.scope, c.credentials, c.now);
    if (c.omits_token) sent.emplace_back("x-amz-security-token", c.token);
    EXPECT_EQ(comparable(sent),
              comparable(parse_request(c.file("header-signed-request.txt")).headers));
  });
}

TEST(SigV4, QueryFormAgreesWithAwsTestSuite) {
  for_each_case([](const Case& c) {
    const SigningRequest complete =
        with_auth_query(c.request, c.scope, c.credentials, c.now, c.expires);
    const std::string canonical = canonical_request(complete, c.scope.path);
    EXPECT_EQ(canonical, c.expected("query-canonical-request.txt"));
    const std::string to_sign = string_to_sign(canonical, c.scope, c.now);
    EXPECT_EQ(to_sign, c.expected("query-string-to-sign.txt"));
    EXPECT_EQ(signature(to_sign, c.scope, c.credentials.secret_access_key, c.now),
              c.expected("query-signature.txt"));

    const Secret query = presign_query(c.request, c.scope, c.credentials, c.now, c.expires);
    NamedValues sent = parse_query(std::string(query.reveal()));
    if (c.omits_token) sent.emplace_back("X-Amz-Security-Token", c.token);
    NamedValues expected = parse_query(parse_request(c.file("query-signed-request.txt")).query);
    std::sort(sent.begin(), sent.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sent, expected);
  });
}

/// "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk",
/// the examples of Amazon S3's API reference.
class S3Example : public testing::Test {
 protected:
  std::string signature_of(SigningRequest request, const std::string& payload = "") {
    request.host = "examplebucket.s3.amazonaws.com";
    request.payload_sha256 = to_hex(crypto::sha256(as_bytes(payload)));
    const NamedValues headers = sign_headers(request, scope_, credentials_, now_);
    const std::string& authorization = headers.back().second;
    return authorization.substr(authorization.find("Signature=") + 10);
  }

  const SigningScope scope_{
      .region = "us-east-1", .service = "s3", .path = SignedPath::as_sent, .content_sha256 = true};
  const Credentials credentials_{
      .access_key_id = "AKIAIOSFODNN7EXAMPLE",
      .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
      .session_token = {},
      .expiration = {}};
  const TimePoint now_ = parse_utc("2013-05-24T00:00:00Z").value();
};

TEST_F(S3Example, GetObject) {
  EXPECT_EQ(signature_of({.host = {},
                          .path = "/test.txt",
                          .query = {},
                          .headers = {{"Range", "bytes=0-9"}},
                          .payload_sha256 = {}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Example, PutObjectWhosePathIsEscapedOnce) {
  EXPECT_EQ(signature_of({.method = "PUT",
                          .host = {},
                          .path = uri_escape("/test$file.text", true),
                          .query = {},
                          .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                      {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                          .payload_sha256 = {}},
                         "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(S3Example, ParameterWithoutValue) {
  EXPECT_EQ(
      signature_of({.host = {}, .query = {{"lifecycle", ""}}, .headers = {}, .payload_sha256 = {}}),
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(S3Example, ListObjects) {
  EXPECT_EQ(signature_of({.host = {},
                          .query = {{"max-keys", "2"}, {"prefix", "J"}},
                          .headers = {},
                          .payload_sha256 = {}}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(UriEscape, EscapesAllButTheUnreserved) {
  EXPECT_EQ(uri_escape("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(uri_escape("a b+c/d:e%\xC3\xA9"), "a%20b%2Bc%2Fd%3Ae%25%C3%A9");
  EXPECT_EQ(uri_escape("/a b/c", true), "/a%20b/c");
  EXPECT_EQ(uri_escape(""), "");
}

TEST(QueryString, KeepsTheOrder) {
  EXPECT_EQ(query_string({{"uploads", ""}, {"a b", "c&d"}}), "uploads=&a%20b=c%26d");
}

}  // namespace
}  // namespace pgseal::aws
