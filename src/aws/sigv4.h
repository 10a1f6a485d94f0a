#pragma once
// AWS Signature Version 4, in the header and in the query (presigned) form.
// Source: AWS, "Signature Version 4 signing process"; judged by AWS's published test suite.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/secret.h"

namespace pgseal::aws {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// What is signed.
struct SigningRequest {
  std::string method = "GET";
  std::string host;            ///< with ":port" where that is not the scheme's own
  std::string path = "/";      ///< as it is sent: `uri_escape(path, true)`
  NamedValues query;           ///< unescaped, any order
  NamedValues headers;         ///< besides host; any case, all get signed
  std::string payload_sha256;  ///< lower-case hex, or S3's "UNSIGNED-PAYLOAD"
};

/// How the path enters the signature: S3 takes it as it is sent, every other service normalises it
/// ("." and "..", repeated slashes) and escapes it once more.
enum class SignedPath { as_sent, escaped, normalized_and_escaped };

/// S3 wants `{.service = "s3", .path = SignedPath::as_sent, .content_sha256 = true}`.
struct SigningScope {
  std::string region;
  std::string service;
  SignedPath path = SignedPath::normalized_and_escaped;
  bool content_sha256 = false;  ///< the header form also sends x-amz-content-sha256
};

/// The headers to send: host, those of `request`, x-amz-date, x-amz-security-token where the
/// credentials have a session token, authorization. Valid for minutes around `now`.
[[nodiscard]] NamedValues sign_headers(const SigningRequest& request, const SigningScope& scope,
                                       const Credentials& credentials, TimePoint now);

/// The query to send, without "?": that of `request` and the signature's. Whoever has it may do
/// what it says until it expires, hence a Secret.
[[nodiscard]] Secret presign_query(const SigningRequest& request, const SigningScope& scope,
                                   const Credentials& credentials, TimePoint now,
                                   std::chrono::seconds expires);

/// Percent-encodes everything but A-Z a-z 0-9 - . _ ~ (RFC 3986's unreserved) and, where wanted,
/// "/".
[[nodiscard]] std::string uri_escape(std::string_view text, bool keep_slash = false);
/// "name=value&name=value", escaped, in the given order; what stands after "?" in a URL.
[[nodiscard]] std::string query_string(const NamedValues& query);

// The steps of both forms, one by one, in the words of AWS's description.

/// `request` with the headers that carry the credentials, still without authorization.
[[nodiscard]] SigningRequest with_auth_headers(SigningRequest request, const SigningScope& scope,
                                               const Credentials& credentials, TimePoint now);
/// `request` with the query parameters that carry the credentials, still without the signature.
[[nodiscard]] SigningRequest with_auth_query(SigningRequest request, const SigningScope& scope,
                                             const Credentials& credentials, TimePoint now,
                                             std::chrono::seconds expires);
[[nodiscard]] std::string canonical_request(const SigningRequest& request, SignedPath path);
[[nodiscard]] std::string string_to_sign(const std::string& canonical_request,
                                         const SigningScope& scope, TimePoint now);
[[nodiscard]] std::string signature(const std::string& string_to_sign, const SigningScope& scope,
                                    const Secret& secret_access_key, TimePoint now);

}  // namespace pgseal::aws
