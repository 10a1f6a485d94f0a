#include "aws/sts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "aws/sigv4.h"
#include "base/error.h"
#include "base/format.h"
#include "base/xml.h"
#include "crypto/hash.h"
#include "net/host.h"
#include "net/http_time.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTimeout{30};

std::string without_slash(const std::string& url) {
  return url.substr(0, url.find_last_not_of('/') + 1);
}

std::string endpoint_of(const StsOptions& options) {
  if (options.endpoint.empty()) {
    return "https://" + service_host("sts", options.region, options.kind);
  }
  return without_slash(options.endpoint);
}

NamedValues parameters(const char* action, const Role& role) {
  NamedValues values = {{"Action", action},
                        {"Version", "2011-06-15"},
                        {"RoleArn", role.arn},
                        {"RoleSessionName", role.session_name}};
  if (role.duration_seconds != 0) {
    values.emplace_back("DurationSeconds", std::to_string(role.duration_seconds));
  }
  return values;
}

Credentials parse_role(const std::string& action, const std::string& xml) {
  const pugi::xml_document document = parse_xml(xml);
  const pugi::xml_node found = document.child((action + "Response").c_str())
                                   .child((action + "Result").c_str())
                                   .child("Credentials");
  Credentials credentials{.access_key_id = found.child_value("AccessKeyId"),
                          .secret_access_key = Secret(found.child_value("SecretAccessKey")),
                          .session_token = Secret(found.child_value("SessionToken")),
                          .expiration = parse_utc(found.child_value("Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      credentials.session_token.empty() || !credentials.expiration) {
    throw Error(Exit::storage, format("STS's answer to {} holds no credentials", action));
  }
  return credentials;
}

bool may_go_better(int status, std::string_view code) {
  constexpr std::array<std::string_view, 6> kCodes = {
      "Throttling",      "ThrottlingException",   "RequestLimitExceeded",
      "TooManyRequests", "IDPCommunicationError", "RequestTimeout"};
  return status >= 500 || status == 429 ||
         std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

[[noreturn]] void throw_refusal(const net::Response& response) {
  const pugi::xml_document document = parse_xml(as_text(response.body));
  const pugi::xml_node root = document.document_element();
  const std::string code = root.child("Error").child_value("Code");
  std::string text = code.empty() ? "no error code of STS's" : code;
  if (const std::string message = root.child("Error").child_value("Message"); !message.empty()) {
    text += ": " + message;
  }
  text += format(" (HTTP {}", response.status);
  if (const std::string id = root.child_value("RequestId"); !id.empty()) {
    text += ", request id " + id;
  }
  text += ")";
  if (code == "ExpiredToken" || code == "InvalidClientTokenId") {
    throw StaleCredentials(Exit::storage, text);
  }
  Error error = Error(Exit::storage, text).with_http_status(response.status);
  if (!may_go_better(response.status, code)) throw error;
  throw std::move(error).with_retry({.cause = code, .after = net::retry_after(response)});
}

}  // namespace

void require_sts_endpoint(const std::string& endpoint) {
  net::require_endpoint(endpoint, "STS");
  const std::string bare = without_slash(endpoint);
  if (bare.find('/', bare.find("://") + 3) == std::string::npos) return;
  throw Error(Exit::usage, format("\"{}\" cannot be an endpoint of STS: it has a path", endpoint));
}

Sts::Sts(StsOptions options, net::HttpClient& http, const Clock& clock)
    : options_(std::move(options)),
      endpoint_(endpoint_of(options_)),
      http_(http),
      clock_(clock),
      retrier_(clock) {}

Credentials Sts::assume_role(const Role& role, const Credentials& by, const std::stop_token& stop) {
  NamedValues values = parameters("AssumeRole", role);
  if (!role.external_id.empty()) values.emplace_back("ExternalId", role.external_id);
  return parse_role("AssumeRole",
                    ask(format("assume role {}", role.arn), query_string(values), &by, stop));
}

Credentials Sts::assume_role_with_web_identity(const Role& role, const Secret& token,
                                               const std::stop_token& stop) {
  constexpr const char* kAction = "AssumeRoleWithWebIdentity";
  NamedValues values = parameters(kAction, role);
  values.emplace_back("WebIdentityToken", token.reveal());
  return parse_role(kAction, ask(format("assume role {} with a web identity", role.arn),
                                 query_string(values), nullptr, stop));
}

CallerIdentity Sts::caller_identity(const Credentials& of, const std::stop_token& stop) {
  const std::string body =
      query_string({{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}});
  const std::string answer = ask("ask STS who we are", body, &of, stop);
  const pugi::xml_document document = parse_xml(answer);
  const pugi::xml_node result =
      document.child("GetCallerIdentityResponse").child("GetCallerIdentityResult");
  CallerIdentity identity{.account = result.child_value("Account"),
                          .arn = result.child_value("Arn"),
                          .user_id = result.child_value("UserId")};
  if (identity.arn.empty()) throw Error(Exit::storage, "STS's answer does not say who we are");
  return identity;
}

std::string Sts::ask(const std::string& what, const std::string& body, const Credentials* signer,
                     const std::stop_token& stop) {
  return retrier_.run(options_.retry, "cannot " + what, stop, [&](int) {
    const net::Response response = send(body, signer, stop);
    if (response.status != 200) throw_refusal(response);
    return std::string(as_text(response.body));
  });
}

net::Response Sts::send(const std::string& body, const Credentials* signer,
                        const std::stop_token& stop) {
  NamedValues headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                         {"accept", "text/xml"}};
  if (signer != nullptr) {
    headers = sign_headers({.method = "POST",
                            .host = endpoint_.substr(endpoint_.find("://") + 3),
                            .path = "/",
                            .query = {},
                            .headers = std::move(headers),
                            .payload_sha256 = to_hex(crypto::sha256(as_bytes(body)))},
                           {.region = options_.region, .service = "sts"}, *signer, clock_.now());
  }
  return http_.send({.method = "POST",
                     .url = endpoint_ + "/",
                     .headers = std::move(headers),
                     .body = as_bytes(body),
                     .timeout = kTimeout,
                     .no_proxy = net::is_plain_loopback(endpoint_)},
                    stop);
}

}  // namespace pgseal::aws
