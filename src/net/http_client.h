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
  /// Sent as they are, in this order; names in any case. Only Host and Content-Length are added
  /// where they are not among them.
  std::vector<std::pair<std::string, std::string>> headers;
  ByteView body;  ///< not owned; must live until the answer is there
  /// For the whole exchange; 0 means no limit but the stall limit of HttpClient.
  std::chrono::milliseconds timeout{0};
  /// A longer body of the answer is an error, so that no server can fill our memory.
  std::size_t response_limit = 64 * kMiB;
  /// Goes straight to the host whatever the proxy variables of the environment say (libcurl reads
  /// them): for endpoints on this machine, whose answers no proxy may see.
  bool no_proxy = false;
};

struct Response {
  int status = 0;
  /// Names in lower case; the values of a name that came several times are joined by ", ".
  std::map<std::string, std::string> headers;
  Bytes body;
  [[nodiscard]] std::string header(const std::string& lower_case_name) const;  ///< "" if absent
};

/// Sends requests, for any number of threads at once, each at most once. Connections are kept and
/// used again; a server that closes one just then is a retryable Error.
/// HTTP/1.1; no redirect is followed. TLS 1.2 at least, certificates always verified.
class HttpClient final {
 public:
  struct Options {
    std::string ca_bundle{};  ///< a file of PEM certificates; "" means the system's
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds stall_timeout{60};  ///< ends an exchange in which no byte moves so long
  };
  HttpClient();
  explicit HttpClient(Options options);
  ~HttpClient();

  /// An answer of any status is returned. Where there is no whole answer, throws Error of
  /// `Exit::storage` that names the URL without its query; retryable (refused, reset, timed out)
  /// unless the same would come again (bad certificate, malformed URL, answer too long).
  /// Throws Cancelled within about a second after `stop` is requested.
  [[nodiscard]] Response send(const Request& request, const std::stop_token& stop);

 private:
  class Handles;
  Options options_;
  std::unique_ptr<Handles> handles_;
};

}  // namespace pgseal::net
