#pragma once
// An HTTP/1.1 server on loopback whose answers the test writes: for faults that no real server
// shows on demand.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pgseal::test {

struct HttpRequest {
  std::string method;
  std::string target;                          ///< as sent: path and query, escaped
  std::string path;                            ///< unescaped, without the query
  std::map<std::string, std::string> query;    ///< unescaped
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;             ///< empty where it is longer than `Options::keep_body_up_to`
  std::uint64_t body_size = 0;  ///< in bytes, also of a body that is not kept

  [[nodiscard]] std::string header(const std::string& lower_case_name) const;  ///< "" if absent
};

struct HttpReply {
  int status = 200;
  std::map<std::string, std::string> headers{};  ///< Content-Length is added where absent
  std::string body{};
  std::chrono::milliseconds delay{0};  ///< before the first byte of the answer
  /// Holds the answer back until `ScriptedHttpServer::release()`.
  bool hold = false;
  /// Sends only so many bytes of the body, whose whole length was announced, and closes.
  std::optional<std::size_t> truncate_at{};
  /// Closes after the answer, which says so.
  bool close_connection = false;
  /// Closes without any answer.
  bool drop = false;
  /// Where the connection is closed: with RST instead of FIN.
  bool reset = false;
};

/// Serves until destroyed, a thread per connection; keep-alive, Content-Length and chunked bodies,
/// HEAD, Expect: 100-continue. The handler is called on the connections' threads, several at once;
/// its exceptions fail the test and are answered with 500. The destructor interrupts whatever
/// hangs.
class ScriptedHttpServer final {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  struct Options {
    /// Longer bodies are counted and thrown away, so that gigabytes can be sent.
    std::size_t keep_body_up_to = std::numeric_limits<std::size_t>::max();
    /// Called before the body is read: where it returns a number, the connection is reset after so
    /// many bytes of the body, and neither is the handler called nor the request recorded.
    std::function<std::optional<std::uint64_t>(const HttpRequest&)> cut_body_after{};
  };

  explicit ScriptedHttpServer(Handler handler);
  ScriptedHttpServer(Handler handler, Options options);
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;
  ~ScriptedHttpServer();

  [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:PORT", without a slash at the end
  [[nodiscard]] int port() const;
  /// All requests read whole so far, in the order in which the handler was called.
  [[nodiscard]] std::vector<HttpRequest> requests() const;
  /// How many connections were accepted so far.
  [[nodiscard]] int connections() const;
  /// Lets all held answers go, also those to come.
  void release();
  /// Waits until `count` requests were read whole; false where `deadline` passed first.
  [[nodiscard]] bool wait_for_requests(
      std::size_t count, std::chrono::milliseconds deadline = std::chrono::seconds(20));

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace pgseal::test
