#pragma once
// What the endpoints and programs that hand out credentials have in common.

#include <stop_token>
#include <string>

#include "aws/credentials.h"
#include "net/http_client.h"

namespace pgseal::aws {

/// The body of an answer of status 200. Throws Error of `Exit::storage` where there is no answer in
/// `tries` times, each ended after the request's timeout, or another status.
[[nodiscard]] std::string ask_endpoint(net::HttpClient& http, const net::Request& request,
                                       int tries, const std::stop_token& stop);

/// Reads `{"AccessKeyId", "SecretAccessKey", token_name, "Expiration"}`, the form of all endpoints
/// and, with another name of the token, of programs. Throws Error of `Exit::storage`.
[[nodiscard]] Credentials parse_credentials(const std::string& json,
                                            const char* token_name = "Token");

/// A token that the platform puts into a file, without the line ends behind it. Throws Error of
/// `Exit::usage` where it cannot be read, or is no token.
[[nodiscard]] Secret read_token_file(const std::string& path);

}  // namespace pgseal::aws
