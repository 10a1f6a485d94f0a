#pragma once
// The wire side of ScriptedHttpServer: one connection's requests and answers.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "support/scripted_http_server.h"

namespace pgseal::test {

/// Reads requests and writes replies on a socket that it owns. One thread at a time, except
/// `interrupt()`.
class HttpConnection final {
 public:
  explicit HttpConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  /// A request's line and headers; nothing where the connection ended or sent no HTTP.
  [[nodiscard]] std::optional<HttpRequest> read_head();
  /// Its body, into `request`; false where the connection ended first, or where `cut_after` bytes
  /// were read, after which closing resets the connection.
  [[nodiscard]] bool read_body(HttpRequest& request, std::size_t keep_up_to,
                               std::optional<std::uint64_t> cut_after);
  /// Writes `reply`; false where the connection shall be closed now.
  [[nodiscard]] bool write(const HttpReply& reply, bool is_head);
  /// Ends whatever another thread waits for here.
  void interrupt() const;

 private:
  bool fill();
  bool send_all(std::string_view bytes);

  UniqueFd socket_;
  std::vector<char> block_ = std::vector<char>(256 * kKiB);  // what recv(2) fills
  std::string buffer_;                                       // received, not yet used
};

/// "%41+b" -> "A+b".
[[nodiscard]] std::string url_unescaped(std::string_view text);

}  // namespace pgseal::test
