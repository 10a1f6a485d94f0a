#include "support/tcp_proxy.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "support/loopback.h"

namespace pgseal::test {
namespace {

constexpr std::size_t kBlock = 64 * kKiB;

UniqueFd connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(fd.get(), generic, sizeof address) == 0 ? std::move(fd) : UniqueFd();
}

UniqueFd connect_tcp(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), found->ai_addr, found->ai_addrlen) != 0) fd.reset();
  ::freeaddrinfo(found);
  return fd;
}

/// What all connections are told to do.
struct Orders {
  bool stalled = false;
  std::uint64_t cuts_done = 0;  // those ordered by cut()
  std::optional<std::uint64_t> to_client_limit, to_server_limit;
  std::string replace_from, replace_to;  // of equal length
};

/// One way of a connection: what came from `in` and is not yet in `out`.
class Direction {
 public:
  Direction(int in, int out) : in_(in), out_(out) {}

  /// What to wait for, on `in` and on `out`.
  [[nodiscard]] short in_events() const {
    return ended_ || !rest_.empty() ? short{0} : short{POLLIN};
  }
  [[nodiscard]] short out_events() const { return rest_.empty() ? short{0} : short{POLLOUT}; }
  [[nodiscard]] bool ended() const { return ended_ && rest_.empty(); }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

  /// Moves what can be moved without waiting, never more than `limit` bytes in all; false where a
  /// side was lost.
  bool move(std::optional<std::uint64_t> limit, const std::string& from = "",
            const std::string& to = "") {
    if (rest_.empty() && !ended_) {
      const ssize_t count = ::recv(in_, block_.data(), block_.size(), MSG_DONTWAIT);
      if (count < 0) return errno == EAGAIN;
      rest_ = {block_.data(), static_cast<std::size_t>(count)};
      if (const auto at = rest_.find(from); !from.empty() && at != std::string_view::npos) {
        std::copy(to.begin(), to.end(), block_.begin() + static_cast<std::ptrdiff_t>(at));
      }
      ended_ = count == 0;
      if (ended_) ::shutdown(out_, SHUT_WR);
    }
    if (rest_.empty()) return true;
    const std::size_t allowed =
        std::min<std::uint64_t>(rest_.size(), limit.value_or(UINT64_MAX) - sent_);
    const ssize_t count = ::send(out_, rest_.data(), allowed, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    rest_.remove_prefix(static_cast<std::size_t>(count));
    sent_ += static_cast<std::uint64_t>(count);
    return true;
  }

 private:
  int in_, out_;
  std::array<char, kBlock> block_{};
  std::string_view rest_;
  std::uint64_t sent_ = 0;
  bool ended_ = false;
};

}  // namespace

class TcpProxy::State {
 public:
  State(std::string host, int port)
      : target_ports_{port},
        host_(std::move(host)),
        listener_(listen_on_loopback()),
        wake_acceptor_(make_wake()),
        acceptor_([this] { accept_until_stopped(); }) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    change([this] { stopping_ = true; });
    acceptor_.join();
    for (Link& link : links_) link.thread.join();
  }

  template <typename Change>
  void change(Change apply) {
    const std::lock_guard lock(mutex_);
    apply();
    ::eventfd_write(wake_acceptor_.get(), 1);
    for (const Link& link : links_) ::eventfd_write(link.wake.get(), 1);
  }

  template <typename Get>
  auto get(Get read) const {
    const std::lock_guard lock(mutex_);
    return read();
  }

  [[nodiscard]] int port() const { return listener_.port; }

  Orders orders_;                  // guarded by mutex_, as all that follows
  std::vector<int> target_ports_;  // in turn
  std::size_t next_port_ = 0;
  bool refusing_ = false;
  int accepted_ = 0;
  std::uint64_t bytes_to_clients_ = 0;

 private:
  struct Link {
    UniqueFd wake;
    std::thread thread;
  };

  static UniqueFd make_wake() { return UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

  void accept_until_stopped() {
    std::array<pollfd, 2> fds{pollfd{listener_.fd.get(), POLLIN, 0},
                              pollfd{wake_acceptor_.get(), POLLIN, 0}};
    while (!get([this] { return stopping_; })) {
      ::poll(fds.data(), fds.size(), -1);
      eventfd_t ignored;
      ::eventfd_read(wake_acceptor_.get(), &ignored);
      UniqueFd client(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client) start_link(std::move(client));
    }
  }

  void start_link(UniqueFd client) {
    const std::lock_guard lock(mutex_);
    ++accepted_;
    if (refusing_) {
      reset_on_close(client.get());
      return;
    }
    Link& link = links_.emplace_back(Link{make_wake(), {}});
    const int port = target_ports_[next_port_++ % target_ports_.size()];
    link.thread = std::thread([this, port, wake = link.wake.get(), cuts = orders_.cuts_done,
                               socket = std::make_shared<UniqueFd>(std::move(client))] {
      forward(*socket, port, wake, cuts);
    });
  }

  void forward(UniqueFd& client, int port, int wake, std::uint64_t cuts_before) {
    UniqueFd server = host_.starts_with('/') ? connect_unix(host_) : connect_tcp(host_, port);
    if (!server || !pump(client.get(), server.get(), wake, cuts_before)) {
      reset_on_close(client.get());
      if (server) reset_on_close(server.get());
    }
    client.reset();
  }

  // Moves bytes until both sides have ended; false where the connection is to be reset.
  bool pump(int client, int server, int wake, std::uint64_t cuts_before) {
    Direction to_server(client, server), to_client(server, client);
    while (!to_server.ended() || !to_client.ended()) {
      const auto [orders, stopping] = get([this] { return std::pair(orders_, stopping_); });
      if (stopping || orders.cuts_done != cuts_before) return false;
      if (!orders.stalled) {
        const std::uint64_t before = to_client.sent();
        if (!to_server.move(orders.to_server_limit) ||
            !to_client.move(orders.to_client_limit, orders.replace_from, orders.replace_to)) {
          return false;
        }
        count(to_client.sent() - before);
        if (to_server.sent() >= orders.to_server_limit.value_or(UINT64_MAX) ||
            to_client.sent() >= orders.to_client_limit.value_or(UINT64_MAX)) {
          return false;
        }
      }
      wait(client, server, wake, orders.stalled, to_server, to_client);
    }
    return true;
  }

  static void wait(int client, int server, int wake, bool stalled, const Direction& to_server,
                   const Direction& to_client) {
    const auto events = [&](const Direction& from, const Direction& to) {
      return static_cast<short>(from.in_events() | to.out_events());
    };
    const short client_events = events(to_server, to_client);
    const short server_events = events(to_client, to_server);
    // A descriptor of -1 is one that poll(2) leaves out, also its POLLHUP.
    std::array<pollfd, 3> fds{
        pollfd{wake, POLLIN, 0},
        pollfd{stalled || client_events == 0 ? -1 : client, client_events, 0},
        pollfd{stalled || server_events == 0 ? -1 : server, server_events, 0}};
    ::poll(fds.data(), fds.size(), -1);
    eventfd_t ignored;
    ::eventfd_read(wake, &ignored);
  }

  void count(std::uint64_t bytes) {
    if (bytes == 0) return;
    const std::lock_guard lock(mutex_);
    bytes_to_clients_ += bytes;
  }

  const std::string host_;
  const Listener listener_;
  const UniqueFd wake_acceptor_;
  mutable std::mutex mutex_;
  bool stopping_ = false;  // guarded by mutex_
  std::list<Link> links_;  // guarded by mutex_
  std::thread acceptor_;   // last: it uses the others
};

TcpProxy::TcpProxy(std::string target_host, int target_port)
    : state_(std::make_unique<State>(std::move(target_host), target_port)) {}
TcpProxy::~TcpProxy() = default;

int TcpProxy::port() const { return state_->port(); }
int TcpProxy::connections() const {
  return state_->get([this] { return state_->accepted_; });
}
std::uint64_t TcpProxy::bytes_to_clients() const {
  return state_->get([this] { return state_->bytes_to_clients_; });
}
void TcpProxy::cut() {
  state_->change([this] { ++state_->orders_.cuts_done; });
}
void TcpProxy::cut_after_bytes(std::uint64_t bytes) {
  state_->change([&] { state_->orders_.to_client_limit = bytes; });
}
void TcpProxy::cut_after_bytes_to_server(std::uint64_t bytes) {
  state_->change([&] { state_->orders_.to_server_limit = bytes; });
}
void TcpProxy::cut_no_more() {
  state_->change([this] {
    state_->orders_.to_client_limit.reset();
    state_->orders_.to_server_limit.reset();
  });
}
void TcpProxy::replace_to_clients(std::string from, std::string to) {
  state_->change([&] {
    state_->orders_.replace_from = std::move(from);
    state_->orders_.replace_to = std::move(to);
  });
}

void TcpProxy::spread(std::vector<int> ports) {
  state_->change([&] {
    state_->target_ports_ = std::move(ports);
    state_->next_port_ = 0;
  });
}
void TcpProxy::refuse() {
  state_->change([this] { state_->refusing_ = true; });
}
void TcpProxy::accept_again() {
  state_->change([this] { state_->refusing_ = false; });
}
void TcpProxy::stall() {
  state_->change([this] { state_->orders_.stalled = true; });
}
void TcpProxy::resume() {
  state_->change([this] { state_->orders_.stalled = false; });
}

}  // namespace pgseal::test
