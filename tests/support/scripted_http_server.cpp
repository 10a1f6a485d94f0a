#include "support/scripted_http_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "support/http_connection.h"
#include "support/loopback.h"

namespace pgseal::test {

class ScriptedHttpServer::State {
 public:
  State(Handler handler, Options options)
      : handler_(std::move(handler)),
        options_(std::move(options)),
        listener_(listen_on_loopback()),
        acceptor_([this](const std::stop_token& stop) { accept_until(stop); }) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    acceptor_.request_stop();
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const Client& client : clients_) {
        if (client.connection) client.connection->interrupt();
      }
    }
    changed_.notify_all();
    for (Client& client : clients_) client.thread.join();
  }

  [[nodiscard]] int port() const { return listener_.port; }

  [[nodiscard]] std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  [[nodiscard]] int connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  bool wait_for_requests(std::size_t count, std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return requests_.size() >= count; });
  }

 private:
  struct Client {
    std::unique_ptr<HttpConnection> connection;  // null once it ended
    std::thread thread;
  };

  void accept_until(const std::stop_token& stop) {
    const StopFd stop_fd(stop);
    std::array<pollfd, 2> fds{pollfd{listener_.fd.get(), POLLIN, 0},
                              pollfd{stop_fd.get(), POLLIN, 0}};
    while (::poll(fds.data(), fds.size(), -1) > 0 && !stop.stop_requested()) {
      UniqueFd socket(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) continue;
      const std::lock_guard lock(mutex_);
      ++accepted_;
      clients_.push_back({std::make_unique<HttpConnection>(std::move(socket)), {}});
      Client& client = clients_.back();
      client.thread = std::thread([this, &client] { serve(client); });
    }
  }

  void serve(Client& client) {
    while (serve_one(*client.connection)) {
    }
    const std::lock_guard lock(mutex_);
    client.connection.reset();
  }

  // False where the connection shall be closed.
  bool serve_one(HttpConnection& connection) {
    std::optional<HttpRequest> request = connection.read_head();
    if (!request) return false;
    if (request->headers.contains("transfer-encoding")) {
      return connection.write({.status = 411, .close_connection = true}, false);
    }
    std::optional<std::uint64_t> cut_after;
    if (options_.cut_body_after) cut_after = options_.cut_body_after(*request);
    if (!connection.read_body(*request, options_.keep_body_up_to, cut_after)) return false;
    record(*request);
    const HttpReply reply = answer(*request);
    return wait_before(reply) && connection.write(reply, request->method == "HEAD");
  }

  void record(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
  }

  HttpReply answer(const HttpRequest& request) const {
    try {
      return handler_(request);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "the handler of \"" << request.method << " " << request.target
                    << "\" threw: " << error.what();
      return {.status = 500};
    }
  }

  // False where the server stops first.
  bool wait_before(const HttpReply& reply) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, reply.delay, [&] { return stopping_; });
    if (reply.hold) changed_.wait(lock, [&] { return stopping_ || released_; });
    return !stopping_;
  }

  const Handler handler_;
  const Options options_;
  const Listener listener_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRequest> requests_;  // guarded by mutex_, as all that follows
  std::list<Client> clients_;
  int accepted_ = 0;
  bool released_ = false;
  bool stopping_ = false;
  std::jthread acceptor_;  // last: it uses the others
};

std::string HttpRequest::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

ScriptedHttpServer::ScriptedHttpServer(Handler handler)
    : ScriptedHttpServer(std::move(handler), Options{}) {}
ScriptedHttpServer::ScriptedHttpServer(Handler handler, Options options)
    : state_(std::make_unique<State>(std::move(handler), std::move(options))) {}
ScriptedHttpServer::~ScriptedHttpServer() = default;

std::string ScriptedHttpServer::url() const { return format("http://127.0.0.1:{}", port()); }
int ScriptedHttpServer::port() const { return state_->port(); }
std::vector<HttpRequest> ScriptedHttpServer::requests() const { return state_->requests(); }
int ScriptedHttpServer::connections() const { return state_->connections(); }
void ScriptedHttpServer::release() { state_->release(); }
bool ScriptedHttpServer::wait_for_requests(std::size_t count, std::chrono::milliseconds deadline) {
  return state_->wait_for_requests(count, deadline);
}

}  // namespace pgseal::test
