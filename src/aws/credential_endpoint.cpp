#include "aws/credential_endpoint.h"

#include "base/error.h"
#include "base/format.h"
#include "base/json.h"

namespace pgseal::aws {

namespace {

NoCredentials failed(std::string reason) { return {NoCredentials::Why::failed, std::move(reason)}; }

std::string text_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

}  // namespace

std::variant<std::string, NoCredentials> ask_endpoint(net::HttpClient& http,
                                                      const net::Request& request, int tries,
                                                      const std::stop_token& stop) {
  NoCredentials last;
  for (int i = 0; i < tries; ++i) {
    try {
      const net::Response response = http.send(request, stop);
      if (response.status == 200) return std::string(as_text(response.body));
      last = failed(format("\"{}\" answers HTTP status {}", request.url, response.status));
      if (response.status < 500) break;
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      last = failed(error.message());
      if (!error.retryable()) break;
    }
  }
  return last;
}

std::variant<Credentials, NoCredentials> parse_credentials(const std::string& json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return failed("the answer is not a JSON object");
  Credentials credentials{.access_key_id = text_member(object, "AccessKeyId"),
                          .secret_access_key = Secret(text_member(object, "SecretAccessKey")),
                          .session_token = Secret(text_member(object, "Token")),
                          .expiration = {}};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    const std::string code = text_member(object, "Code");
    return failed("the answer has no AccessKeyId and SecretAccessKey" +
                  (code.empty() ? "" : format(", but Code \"{}\"", code)));
  }
  if (object.contains("Expiration")) {
    credentials.expiration = parse_utc(text_member(object, "Expiration"));
    if (!credentials.expiration) return failed("the answer's Expiration is not a time");
  }
  return credentials;
}

}  // namespace pgseal::aws
