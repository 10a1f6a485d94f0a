#pragma once
// HTTP over libcurl: whole requests and whole answers, held in memory.

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace pgseal::net {

struct Request {
  std::string method = "GET";
  std::string url;  ///< path and query already escaped; sent as they are
  std::vector<std::pair<std::string, std::string>> headers;
  ByteView body;  ///< not owned; must live until the answer is there
  /// For the whole exchange; 0 means no limit but the stall limit of HttpClient.
  std::chrono::milliseconds timeout{0};
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  Bytes body;
  [[nodiscard]] std::string header(const std::string& lower_case_name) const;  ///< "" if absent
};

/// Sends requests, for any number of threads at once. Connections are kept and used again.
/// No redirect is followed. TLS 1.2 at least, certificates always verified.
class HttpClient final {
 public:
  struct Options {
    std::string ca_bundle;  ///< a file of PEM certificates; "" means the system's
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds stall_timeout{60};  ///< ends an exchange in which no byte moves so long
  };
  HttpClient();
  explicit HttpClient(Options options);
  ~HttpClient();

  /// Throws a retryable Error of `Exit::storage` where there is no whole answer (refused, reset, timed
  /// out, TLS); an answer of any status is returned. Throws Cancelled when `stop` is requested.
  [[nodiscard]] Response send(const Request& request, const std::stop_token& stop);

 private:
  class Handles;
  Options options_;
  std::unique_ptr<Handles> handles_;
};

}  // namespace pgseal::net
