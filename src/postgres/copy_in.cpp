#include "postgres/copy_in.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <memory>

namespace pgseal::postgres {

namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

// libpq keeps what the socket does not take; so little is given to it at once.
constexpr std::size_t kPiece = 256 * kKiB;

}  // namespace

CopyIn::CopyIn(Connection& connection, const std::string& sql) : connection_(connection) {
  pg_conn* c = connection_.connection_.get();
  if (PQsendQuery(c, sql.c_str()) != 1) throw connection_.failure(nullptr);
  while (PQisBusy(c) == 1) connection_.wait_for_input();
  const Result result(PQgetResult(c), PQclear);
  if (PQresultStatus(result.get()) != PGRES_COPY_IN) {
    while (PGresult* more = PQgetResult(c)) PQclear(more);
    throw connection_.failure(result.get());
  }
  running_ = true;
  PQsetnonblocking(c, 1);
}

CopyIn::~CopyIn() {
  if (!running_) return;
  try {
    end("given up");
  } catch (const Error&) {
    // It was given up, whatever the server says to that.
  }
}

void CopyIn::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kPiece));
    send(piece);
    bytes = bytes.subspan(piece.size());
  }
}

void CopyIn::send(ByteView bytes) {
  pg_conn* c = connection_.connection_.get();
  for (;;) {
    const int queued = PQputCopyData(c, reinterpret_cast<const char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    if (queued < 0) throw connection_.failure(nullptr);
    flush();
    if (queued == 1) return;
  }
}

void CopyIn::flush() {
  pg_conn* c = connection_.connection_.get();
  for (;;) {
    const int left = PQflush(c);
    if (left == 0) return;
    if (left < 0) throw connection_.failure(nullptr);
    const short ready = poll_or_stop(PQsocket(c), POLLIN | POLLOUT, connection_.stop_fd_);
    // A server that has something to say may wait until it is heard.
    if ((ready & ~POLLOUT) != 0 && PQconsumeInput(c) != 1) throw connection_.failure(nullptr);
  }
}

void CopyIn::finish() { end(nullptr); }

void CopyIn::end(const char* error) {
  pg_conn* c = connection_.connection_.get();
  running_ = false;
  while (PQputCopyEnd(c, error) == 0) flush();
  flush();
  while (PQisBusy(c) == 1) connection_.wait_for_input();
  const Result result(PQgetResult(c), PQclear);
  while (PGresult* more = PQgetResult(c)) PQclear(more);
  PQsetnonblocking(c, 0);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw connection_.failure(result.get());
}

}  // namespace pgseal::postgres
