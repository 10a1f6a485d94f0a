#pragma once
// Rows that a server takes by COPY ... FROM STDIN.

#include <string>

#include "base/stream.h"
#include "postgres/connection.h"

namespace pgseal::postgres {

/// A running COPY in text format. The connection does nothing else until `finish()` has returned;
/// a COPY that is destroyed before is given up, and has loaded nothing. What the server refuses is
/// known in `finish()`, at the latest; errors as Connection's. A server that is slow makes
/// `write()` wait.
class CopyIn final : public Sink {
 public:
  /// `sql` is a COPY ... FROM STDIN statement. `connection` must outlive this.
  CopyIn(Connection& connection, const std::string& sql);
  CopyIn(const CopyIn&) = delete;
  CopyIn& operator=(const CopyIn&) = delete;
  ~CopyIn() override;

  /// Any part of the text, rows or not.
  void write(ByteView bytes) override;
  void finish() override;

 private:
  void send(ByteView bytes);
  void flush();
  void end(const char* error);

  Connection& connection_;
  bool running_ = false;
};

}  // namespace pgseal::postgres
