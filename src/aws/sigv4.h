#pragma once
// AWS Signature Version 4, in the header and in the query (presigned) form.
// Source: AWS, "Signature Version 4 signing process"; judged by AWS's published test suite.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace pgseal::aws {

/// What is signed. Path and query are given unescaped.
struct SigningRequest {
  std::string method = "GET";
  std::string host;        ///< with ":port" where the URL has one
  std::string path = "/";  ///< unescaped
  std::vector<std::pair<std::string, std::string>> query;    ///< unescaped, any order
  std::vector<std::pair<std::string, std::string>> headers;  ///< besides host; all get signed
  std::string payload_sha256;                                ///< lower-case hex
};

struct SigningScope {
  std::string region;
  std::string service;
  /// S3 takes the path as it is; every other service normalises it and escapes it twice.
  bool normalize_path = true;
  bool double_escape_path = true;
};

}  // namespace pgseal::aws
