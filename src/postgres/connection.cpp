#include "postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace pgseal::postgres {

namespace {

constexpr int kConnectTimeoutSeconds = 30;

/// libpq's messages end in a newline and may have several lines; one line is enough for ours.
std::string one_line(const char* message) {
  std::string text(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, text.compare(at, 2, "\n\t") == 0 ? 2 : 1, 1, ' ');
  }
  return text;
}

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

Deadline connect_deadline(const ConnParams& params) {
  const std::string given = params.get("connect_timeout");
  const int seconds = given.empty() ? kConnectTimeoutSeconds : std::atoi(given.c_str());
  if (seconds <= 0) return std::nullopt;
  return std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
}

/// For poll(2): -1 without a deadline.
int milliseconds_to(const Deadline& deadline) {
  if (!deadline) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

void Connection::Close::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Connection::Connection(const ConnParams& params, const std::stop_token& stop)
    : description_(params.describe()), stop_(stop), stop_fd_(stop) {
  open(params);
  execute(kNoTimeouts);
  if (server_version() >= 140000) {
    try {
      execute("SET client_connection_check_interval = '10s'");
    } catch (const Error& error) {
      // Servers on systems that cannot do it refuse any other value than 0.
      if (error.sqlstate() != "22023") throw;
    }
  }
}

void Connection::open(const ConnParams& params) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : params.keywords()) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  if (!params.password().empty()) {
    keywords.push_back("password");
    values.push_back(params.password().c_str());
  }
  keywords.push_back("fallback_application_name");
  values.push_back("pgseal");
  keywords.push_back(nullptr);
  values.push_back(nullptr);

  const auto fail = [&](const std::string& why) {
    return Error(Exit::database, format("cannot connect to {}: {}", description_, why));
  };
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  pg_conn* c = connection_.get();
  if (c == nullptr) throw fail("out of memory");
  PQsetNoticeProcessor(
      c, [](void*, const char*) {}, nullptr);
  const auto deadline = connect_deadline(params);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(c) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) break;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (poll_or_stop(PQsocket(c), events, stop_fd_, milliseconds_to(deadline)) == 0) {
      throw fail("timeout expired");
    }
    state = PQconnectPoll(c);
  }
  if (PQstatus(c) != CONNECTION_OK) throw fail(one_line(PQerrorMessage(c)));
}

Error Connection::failure(const pg_result* result) const {
  const char* message = PQresultErrorMessage(result);
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  Error error(Exit::database, format("cannot query {}: {}", description_,
                                     one_line(result != nullptr && *message != 0
                                                  ? message
                                                  : PQerrorMessage(connection_.get()))));
  if (state != nullptr) error = std::move(error).with_sqlstate(state);
  if (!alive()) error = std::move(error).with_retry();
  return error;
}

void Connection::send(const std::string& sql, const std::vector<std::string>& values,
                      ValueFormat format) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(pointers.size()), nullptr,
                        pointers.data(), nullptr, nullptr,
                        format == ValueFormat::binary ? 1 : 0) != 1) {
    throw failure(nullptr);
  }
}

void Connection::wait_for_input() {
  [[maybe_unused]] const short ready = poll_or_stop(PQsocket(connection_.get()), POLLIN, stop_fd_);
  if (PQconsumeInput(connection_.get()) != 1) throw failure(nullptr);
}

Rows Connection::query(const std::string& sql, const std::vector<std::string>& values,
                       ValueFormat format) {
  pg_conn* c = connection_.get();
  send(sql, values, format);
  while (PQisBusy(c) == 1) wait_for_input();
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(c), PQclear);
  while (PGresult* more = PQgetResult(c))
    PQclear(more);  // there is none, but libpq wants to say so
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw failure(result.get());
  Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int row = static_cast<int>(r);
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (PQgetisnull(result.get(), row, column)) {
        rows[r].emplace_back();
      } else {
        rows[r].emplace_back(std::in_place, PQgetvalue(result.get(), row, column),
                             static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
      }
    }
  }
  return rows;
}

std::vector<std::string> Connection::query_column(const std::string& sql,
                                                  const std::vector<std::string>& values) {
  std::vector<std::string> column;
  for (const auto& row : query(sql, values)) column.push_back(row.at(0).value_or(""));
  return column;
}

void Connection::execute_script(const std::string& sql) {
  pg_conn* c = connection_.get();
  if (PQsendQuery(c, sql.c_str()) != 1) throw failure(nullptr);
  std::optional<Error> error;
  for (;;) {
    while (PQisBusy(c) == 1) wait_for_input();
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(c), PQclear);
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      throw Error(Exit::database, "a script cannot COPY from its client or to it");
    }
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY &&
        !error) {
      error = failure(result.get());
    }
  }
  if (error) throw Error(*error);
}

bool Connection::alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

int Connection::backend_pid() const { return PQbackendPID(connection_.get()); }

int Connection::server_version() const { return PQserverVersion(connection_.get()); }

std::string Connection::server_version_text() const {
  const char* text = PQparameterStatus(connection_.get(), "server_version");
  return text == nullptr ? "" : text;
}

std::string Connection::database() const { return PQdb(connection_.get()); }

Transport Connection::transport() const {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  Transport transport;
  transport.host = text(PQhost(connection_.get()));
  const std::string address = text(PQhostaddr(connection_.get()));
  transport.is_local =
      transport.host.starts_with('/') || address.starts_with("127.") || address == "::1";
  if (PQsslInUse(connection_.get()) == 1) {
    transport.tls = text(PQsslAttribute(connection_.get(), "protocol"));
  }
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfo(connection_.get()), PQconninfoFree);
  for (const auto* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
    if (std::string_view(o->keyword) == "sslmode") transport.sslmode = text(o->val);
    if (std::string_view(o->keyword) == "sslrootcert") transport.sslrootcert = text(o->val);
  }
  return transport;
}

std::vector<std::string> user_objects(Connection& connection) {
  // An object of an extension, or of the server itself (oid below 16384), is nobody's data.
  static constexpr const char* kSql = R"(
    WITH user_schema AS (
      SELECT oid, nspname FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
    object (class, oid, description) AS (
      SELECT 'pg_catalog.pg_class'::regclass, c.oid, 'relation ' || nspname || '.' || relname
        FROM pg_catalog.pg_class c JOIN user_schema n ON n.oid = relnamespace
      UNION ALL
      SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 'function ' || nspname || '.' || proname
        FROM pg_catalog.pg_proc p JOIN user_schema n ON n.oid = pronamespace
      UNION ALL
      SELECT 'pg_catalog.pg_type'::regclass, t.oid, 'type ' || nspname || '.' || typname
        FROM pg_catalog.pg_type t JOIN user_schema n ON n.oid = typnamespace
        WHERE typrelid = 0 AND typelem = 0
      UNION ALL
      SELECT 'pg_catalog.pg_namespace'::regclass, oid, 'schema ' || nspname
        FROM user_schema WHERE nspname <> 'public'
      UNION ALL
      SELECT 'pg_catalog.pg_largeobject_metadata'::regclass, oid, 'large object ' || oid
        FROM pg_catalog.pg_largeobject_metadata)
    SELECT description FROM object
    WHERE oid >= 16384 AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = object.class AND d.objid = object.oid AND d.deptype = 'e')
    ORDER BY description LIMIT 4)";
  return connection.query_column(kSql);
}

}  // namespace pgseal::postgres
