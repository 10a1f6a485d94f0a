#include "postgres/copy_out.h"

#include <libpq-fe.h>

#include <memory>

namespace pgseal::postgres {

namespace {
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
}

CopyOut::CopyOut(Connection& connection, const std::string& sql) : connection_(connection) {
  pg_conn* c = connection_.connection_.get();
  if (PQsendQuery(c, sql.c_str()) != 1) throw connection_.failure(nullptr);
  for (;;) {
    while (PQisBusy(c) == 1) connection_.wait_for_input();
    const Result result(PQgetResult(c), PQclear);
    if (PQresultStatus(result.get()) == PGRES_COPY_OUT) return;
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) continue;
    while (PGresult* more = PQgetResult(c)) PQclear(more);
    throw connection_.failure(result.get());
  }
}

CopyOut::~CopyOut() { free_row(); }

void CopyOut::free_row() noexcept {
  if (row_ != nullptr) PQfreemem(row_);
  row_ = nullptr;
}

std::optional<ByteView> CopyOut::next() {
  pg_conn* c = connection_.connection_.get();
  free_row();
  for (;;) {
    const int size = PQgetCopyData(c, &row_, 1);
    if (size > 0) return std::as_bytes(std::span(row_, static_cast<std::size_t>(size)));
    if (size == -1) break;
    if (size == -2) throw connection_.failure(nullptr);
    connection_.wait_for_input();
  }
  finish();
  return std::nullopt;
}

/// The end of the data is not the end of the statement: an error may still come.
void CopyOut::finish() {
  pg_conn* c = connection_.connection_.get();
  while (PQisBusy(c) == 1) connection_.wait_for_input();
  const Result result(PQgetResult(c), PQclear);
  while (PGresult* more = PQgetResult(c)) PQclear(more);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw connection_.failure(result.get());
}

}  // namespace pgseal::postgres
