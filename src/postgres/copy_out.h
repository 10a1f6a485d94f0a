#pragma once
// Rows that a server sends by COPY ... TO STDOUT.

#include <optional>
#include <string>

#include "base/bytes.h"
#include "postgres/connection.h"

namespace pgseal::postgres {

/// A running COPY in text format. The connection does nothing else until `next()` has returned
/// nothing; where that does not happen, it cannot be used any more. Errors as Connection's.
class CopyOut final {
 public:
  /// `sql` is a COPY ... TO STDOUT statement, and may have others before it whose results nobody
  /// wants, which spares their round trips. `connection` must outlive this.
  CopyOut(Connection& connection, const std::string& sql);
  CopyOut(const CopyOut&) = delete;
  CopyOut& operator=(const CopyOut&) = delete;
  ~CopyOut();

  /// One row's text with its newline, good until the next call; nothing after the last.
  [[nodiscard]] std::optional<ByteView> next();

 private:
  void free_row() noexcept;
  void finish();

  Connection& connection_;
  char* row_ = nullptr;  // libpq's
};

}  // namespace pgseal::postgres
