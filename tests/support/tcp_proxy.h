#pragma once
// A TCP proxy on loopback that cuts and stalls what goes through it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pgseal::test {

/// Forwards until destroyed, any number of connections. All functions may be called from any
/// thread.
class TcpProxy final {
 public:
  /// A `target_host` that begins with "/" is a Unix socket's path, and the port is ignored.
  explicit TcpProxy(std::string target_host, int target_port = 0);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  [[nodiscard]] int port() const;
  /// How many connections were accepted so far.
  [[nodiscard]] int connections() const;
  /// Bytes that went from the server to clients so far.
  [[nodiscard]] std::uint64_t bytes_to_clients() const;

  /// Resets all connections that are open, on both sides. New ones are welcome.
  void cut();
  /// Resets every connection, also one that is open now, once `bytes` went from server to client on
  /// it.
  void cut_after_bytes(std::uint64_t bytes);
  /// Resets every connection, also one that is open now, once `bytes` went from client to server on
  /// it.
  void cut_after_bytes_to_server(std::uint64_t bytes);
  /// Takes both limits away.
  void cut_no_more();
  /// In what a server sends, `from` is replaced by `to`, which is as long, where it lies within one
  /// block of the stream.
  void replace_to_clients(std::string from, std::string to);
  /// New connections go to these ports of the target's host in turn, as a reader endpoint or a load
  /// balancer has it.
  void spread(std::vector<int> ports);
  /// New connections are reset at once until `accept_again()`.
  void refuse();
  void accept_again();
  /// Nothing moves until `resume()`; connections stay open.
  void stall();
  void resume();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace pgseal::test
