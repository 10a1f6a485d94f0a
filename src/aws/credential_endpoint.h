#pragma once
// What the endpoints that hand out a role's credentials have in common.

#include <stop_token>
#include <string>
#include <variant>

#include "aws/credential_source.h"
#include "net/http_client.h"

namespace pgseal::aws {

/// The body of an answer of status 200, or why there is none: no answer in `tries` times, each
/// ended after the request's timeout, or another status.
[[nodiscard]] std::variant<std::string, NoCredentials> ask_endpoint(net::HttpClient& http,
                                                                    const net::Request& request,
                                                                    int tries,
                                                                    const std::stop_token& stop);

/// Reads `{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}`, the form of all endpoints.
[[nodiscard]] std::variant<Credentials, NoCredentials> parse_credentials(const std::string& json);

}  // namespace pgseal::aws
