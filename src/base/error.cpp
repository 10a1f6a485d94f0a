#include "base/error.h"

#include <cstring>

namespace pgseal {

const ExitCodeRow* exit_code_table() {
  static constexpr ExitCodeRow kTable[] = {
      {Exit::ok, "success"},
      {Exit::internal, "internal error"},
      {Exit::usage, "usage or configuration"},
      {Exit::warnings, "finished with warnings that matter"},
      {Exit::database, "database, pg_dump or psql"},
      {Exit::storage, "storage"},
      {Exit::key, "key or signature"},
      {Exit::verification, "verification or drill failed, or contents differ"},
      {Exit::not_found, "no such backup"},
      {Exit::interrupted, "interrupted"},
      {Exit::ok, nullptr},
  };
  return kTable;
}

Error Error::with_hint(std::string hint) && {
  hint_ = std::move(hint);
  return std::move(*this);
}

Error Error::with_retry(Retry retry) && {
  retry_ = std::move(retry);
  return std::move(*this);
}

Error Error::with_http_status(int status) && {
  http_status_ = status;
  return std::move(*this);
}

Error Error::with_sqlstate(std::string sqlstate) && {
  sqlstate_ = std::move(sqlstate);
  return std::move(*this);
}

void Error::add_context(const std::string& context) { message_ = context + ": " + message_; }

Error system_error(Exit code, const std::string& message, int error_number) {
  return {code, message + ": " + std::strerror(error_number)};
}

}  // namespace pgseal
