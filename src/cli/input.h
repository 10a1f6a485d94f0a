#pragma once
// Where a command reads from.

#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"

namespace pgseal::cli {

/// Opens the file, device or pipe at `path`; "-" is standard input. Throws Error of `Exit::usage`.
/// Reading from it throws Cancelled when `stop` is requested.
[[nodiscard]] std::unique_ptr<Source> open_input(const std::string& path,
                                                 const std::stop_token& stop);

/// `path` in quotes, or "standard input".
[[nodiscard]] std::string input_name(const std::string& path);

/// A source whose beginning can be looked at before it is read. Does not own `source`.
class PeekSource final : public Source {
 public:
  explicit PeekSource(Source& source) : source_(source) {}
  /// The next `size` bytes, less only where the source ends; valid until the next call.
  [[nodiscard]] ByteView peek(std::size_t size);
  std::size_t read(ByteSpan out) override;

 private:
  Source& source_;
  Bytes seen_;            // read from `source_`
  std::size_t gone_ = 0;  // how much of it was given out
};

}  // namespace pgseal::cli
