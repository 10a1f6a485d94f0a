#include "support/http_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/bytes.h"
#include "base/format.h"
#include "support/loopback.h"

namespace pgseal::test {
namespace {

constexpr std::size_t kMaxHead = 256 * kKiB;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// The text up to `separator`, which is taken away with it from `rest`.
std::string_view next_part(std::string_view& rest, std::string_view separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + separator.size(), rest.size()));
  return part;
}

void parse_target(HttpRequest& request) {
  std::string_view rest = request.target;
  request.path = url_unescaped(next_part(rest, "?"));
  while (!rest.empty()) {
    std::string_view parameter = next_part(rest, "&");
    const std::string name = url_unescaped(next_part(parameter, "="));
    request.query[name] = url_unescaped(parameter);
  }
}

std::optional<HttpRequest> parse_head(std::string_view head) {
  HttpRequest request;
  std::string_view line = next_part(head, "\r\n");
  request.method = next_part(line, " ");
  request.target = next_part(line, " ");
  if (!line.starts_with("HTTP/1.")) return std::nullopt;
  parse_target(request);
  while (!head.empty()) {
    std::string_view value = next_part(head, "\r\n");
    const std::string name = lower_case(next_part(value, ":"));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    request.headers[name] = value;
  }
  return request;
}

std::string head_of(const HttpReply& reply) {
  std::string head = format("HTTP/1.1 {} Scripted\r\n", reply.status);
  for (const auto& [name, value] : reply.headers) head += format("{}: {}\r\n", name, value);
  const bool has_length =
      std::any_of(reply.headers.begin(), reply.headers.end(),
                  [](const auto& h) { return lower_case(h.first) == "content-length"; });
  if (!has_length && reply.status != 204 && reply.status != 304) {
    head += format("Content-Length: {}\r\n", reply.body.size());
  }
  if (reply.close_connection) head += "Connection: close\r\n";
  return head + "\r\n";
}

}  // namespace

std::string url_unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      result += static_cast<char>(value);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::optional<HttpRequest> HttpConnection::read_head() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > kMaxHead || !fill()) return std::nullopt;
  }
  std::optional<HttpRequest> request = parse_head(std::string_view(buffer_).substr(0, end + 2));
  buffer_.erase(0, end + 4);
  return request;
}

bool HttpConnection::read_body(HttpRequest& request, std::size_t keep_up_to,
                               std::optional<std::uint64_t> cut_after) {
  const std::string announced = request.header("content-length");
  std::uint64_t length = 0;
  std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (lower_case(request.header("expect")) == "100-continue" &&
      !send_all("HTTP/1.1 100 Continue\r\n\r\n")) {
    return false;
  }
  const bool keep = length <= keep_up_to;
  if (keep) request.body.reserve(length);
  const std::uint64_t end = std::min(length, cut_after.value_or(length));
  while (request.body_size < end) {
    if (buffer_.empty() && !fill()) return false;
    const std::size_t count = std::min<std::uint64_t>(buffer_.size(), end - request.body_size);
    if (keep) request.body.append(buffer_, 0, count);
    request.body_size += count;
    buffer_.erase(0, count);
  }
  if (cut_after) reset_on_close(socket_.get());
  return !cut_after;
}

bool HttpConnection::write(const HttpReply& reply, bool is_head) {
  if (reply.reset) reset_on_close(socket_.get());
  if (reply.drop) return false;
  std::string_view body = reply.body;
  if (is_head) body = {};
  if (reply.truncate_at) body = body.substr(0, *reply.truncate_at);
  // In one piece: the second of two would wait for the first one's acknowledgement.
  const bool sent = send_all(head_of(reply).append(body));
  return sent && !reply.truncate_at && !reply.close_connection;
}

void HttpConnection::interrupt() const { ::shutdown(socket_.get(), SHUT_RDWR); }

bool HttpConnection::fill() {
  const ssize_t count = ::recv(socket_.get(), block_.data(), block_.size(), 0);
  if (count > 0) buffer_.append(block_.data(), static_cast<std::size_t>(count));
  return count > 0;
}

bool HttpConnection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace pgseal::test
