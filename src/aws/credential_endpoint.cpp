#include "aws/credential_endpoint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/json.h"

namespace pgseal::aws {

namespace {

std::string text_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

}  // namespace

std::string ask_endpoint(net::HttpClient& http, const net::Request& request, int tries,
                         const std::stop_token& stop) {
  for (int number = 1;; ++number) {
    try {
      const net::Response response = http.send(request, stop);
      if (response.status == 200) return std::string(as_text(response.body));
      Error error(Exit::storage,
                  format("\"{}\" answers HTTP status {}",
                         request.url.substr(0, request.url.find('?')), response.status));
      throw response.status < 500 ? std::move(error) : std::move(error).with_retry();
    } catch (const Error& error) {
      if (!error.retryable() || number >= tries) throw;
    }
  }
}

Credentials parse_credentials(const std::string& json, const char* token_name) {
  const auto fail = [](const std::string& what) -> Error { return {Exit::storage, what}; };
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) throw fail("the answer is not a JSON object");
  Credentials credentials{.access_key_id = text_member(object, "AccessKeyId"),
                          .secret_access_key = Secret(text_member(object, "SecretAccessKey")),
                          .session_token = Secret(text_member(object, token_name)),
                          .expiration = {}};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    const std::string code = text_member(object, "Code");
    throw fail("the answer has no AccessKeyId and SecretAccessKey" +
               (code.empty() ? "" : format(", but Code \"{}\"", code)));
  }
  if (const auto expiration = object.find("Expiration");
      expiration != object.end() && !expiration->is_null()) {
    credentials.expiration = parse_rfc3339(text_member(object, "Expiration"));
    if (!credentials.expiration) throw fail("the answer's Expiration is not a time");
  }
  return credentials;
}

Secret read_token_file(const std::string& path) {
  constexpr std::size_t kMostToken = 64 * kKiB;
  std::string token = read_file(path, kMostToken);
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (token.empty()) throw Error(Exit::usage, format("\"{}\" is empty", path));
  return Secret(std::move(token));
}

}  // namespace pgseal::aws
