#include "aws/sigv4.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pgseal::aws {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string amz_date(TimePoint time) { return format_utc(time, false); }

/// "20150830/us-east-1/service/aws4_request"
std::string credential_scope(const SigningScope& scope, TimePoint time) {
  return format("{}/{}/{}/aws4_request", amz_date(time).substr(0, 8), scope.region, scope.service);
}

/// Without white space at the ends, any other white space a single blank.
std::string single_spaced(std::string_view value) {
  std::string result;
  for (const char c : trimmed(value)) {
    if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) {
      result += c;
    } else if (result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

/// All headers that get signed, host among them: lower-case names in order, values joined by
/// commas.
std::map<std::string, std::string> canonical_headers(const SigningRequest& request) {
  std::map<std::string, std::string> headers;
  headers["host"] = single_spaced(request.host);
  for (const auto& [name, value] : request.headers) {
    const auto [entry, inserted] = headers.try_emplace(lower_case(name), single_spaced(value));
    if (!inserted) entry->second.append(",").append(single_spaced(value));
  }
  return headers;
}

/// "host;x-amz-date"
std::string signed_headers(const SigningRequest& request) {
  std::string names;
  for (const auto& [name, value] : canonical_headers(request)) {
    if (!names.empty()) names += ';';
    names += name;
  }
  return names;
}

/// RFC 3986, "Remove Dot Segments", and no empty segments.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  bool ends_with_slash = false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    ends_with_slash = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!ends_with_slash) {
      segments.push_back(segment);
    }
    at = end + 1;
  }
  std::string result;
  for (const std::string_view segment : segments) result.append("/").append(segment);
  if (ends_with_slash || result.empty()) result += '/';
  return result;
}

std::string canonical_path(const std::string& path, SignedPath form) {
  const std::string whole = path.empty() ? "/" : path;
  switch (form) {
    case SignedPath::as_sent:
      return whole;
    case SignedPath::escaped:
      return uri_escape(whole, true);
    case SignedPath::normalized_and_escaped:
      break;
  }
  return uri_escape(normalized(whole), true);
}

/// In the order of escaped names, then values; "=" is no part of the comparison.
std::string canonical_query(const NamedValues& query) {
  NamedValues escaped;
  for (const auto& [name, value] : query) escaped.emplace_back(uri_escape(name), uri_escape(value));
  std::sort(escaped.begin(), escaped.end());
  std::string text;
  for (const auto& [name, value] : escaped) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

std::string sign(const SigningRequest& request, const SigningScope& scope, const Secret& key,
                 TimePoint now) {
  return signature(string_to_sign(canonical_request(request, scope.path), scope, now), scope, key,
                   now);
}

}  // namespace

std::string uri_escape(std::string_view text, bool keep_slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || (keep_slash && c == '/')) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += kDigits[byte >> 4];
      result += kDigits[byte & 15];
    }
  }
  return result;
}

std::string query_string(const NamedValues& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text.append(uri_escape(name)).append("=").append(uri_escape(value));
  }
  return text;
}

SigningRequest with_auth_headers(SigningRequest request, const SigningScope& scope,
                                 const Credentials& credentials, TimePoint now) {
  request.headers.emplace_back("x-amz-date", amz_date(now));
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", credentials.session_token.reveal());
  }
  if (scope.content_sha256) {
    request.headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
  }
  return request;
}

SigningRequest with_auth_query(SigningRequest request, const SigningScope& scope,
                               const Credentials& credentials, TimePoint now,
                               std::chrono::seconds expires) {
  NamedValues& query = request.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back("X-Amz-Credential",
                     credentials.access_key_id + "/" + credential_scope(scope, now));
  query.emplace_back("X-Amz-Date", amz_date(now));
  query.emplace_back("X-Amz-Expires", std::to_string(expires.count()));
  query.emplace_back("X-Amz-SignedHeaders", signed_headers(request));
  if (!credentials.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  return request;
}

std::string canonical_request(const SigningRequest& request, SignedPath path) {
  std::string text = request.method + "\n" + canonical_path(request.path, path) + "\n" +
                     canonical_query(request.query) + "\n";
  for (const auto& [name, value] : canonical_headers(request)) {
    text.append(name).append(":").append(value).append("\n");
  }
  return text + "\n" + signed_headers(request) + "\n" + request.payload_sha256;
}

std::string string_to_sign(const std::string& canonical_request, const SigningScope& scope,
                           TimePoint now) {
  return format("{}\n{}\n{}\n{}", kAlgorithm, amz_date(now), credential_scope(scope, now),
                to_hex(crypto::sha256(as_bytes(canonical_request))));
}

std::string signature(const std::string& string_to_sign, const SigningScope& scope,
                      const Secret& secret_access_key, TimePoint now) {
  const Secret first("AWS4" + std::string(secret_access_key.reveal()));
  crypto::Digest key =
      crypto::hmac_sha256(as_bytes(first.reveal()), as_bytes(amz_date(now).substr(0, 8)));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = crypto::hmac_sha256(key, as_bytes(part));
  }
  return to_hex(crypto::hmac_sha256(key, as_bytes(string_to_sign)));
}

NamedValues sign_headers(const SigningRequest& request, const SigningScope& scope,
                         const Credentials& credentials, TimePoint now) {
  const SigningRequest complete = with_auth_headers(request, scope, credentials, now);
  NamedValues headers = {{"host", request.host}};
  headers.insert(headers.end(), complete.headers.begin(), complete.headers.end());
  headers.emplace_back(
      "authorization",
      format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
             credentials.access_key_id, credential_scope(scope, now), signed_headers(complete),
             sign(complete, scope, credentials.secret_access_key, now)));
  return headers;
}

Secret presign_query(const SigningRequest& request, const SigningScope& scope,
                     const Credentials& credentials, TimePoint now, std::chrono::seconds expires) {
  const SigningRequest complete = with_auth_query(request, scope, credentials, now, expires);
  return Secret(query_string(complete.query) +
                "&X-Amz-Signature=" + sign(complete, scope, credentials.secret_access_key, now));
}

}  // namespace pgseal::aws
