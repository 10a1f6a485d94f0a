#pragma once
// Where a command writes to.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/file.h"
#include "base/stream.h"

namespace pgseal::cli {

/// Opens `path` for writing; "-" is standard output. A file gets its name, with mode 0600, when it
/// is whole, and replaces the one of that name; what is there and is no file (a device, a pipe) is
/// written to as it comes. Throws Error of `Exit::usage`, and Cancelled where nobody reads it.
[[nodiscard]] std::unique_ptr<Sink> open_output(const std::string& path,
                                                const std::stop_token& stop);

/// A file that must not be there yet: a key is never overwritten. It has its name from the
/// beginning, and is taken away again by the destructor unless `finish()` returned.
class NewFileSink final : public Sink {
 public:
  /// Throws Error of `Exit::usage` where the file exists or cannot be created.
  NewFileSink(std::string path, mode_t mode);
  NewFileSink(const NewFileSink&) = delete;
  NewFileSink& operator=(const NewFileSink&) = delete;
  ~NewFileSink() override;
  void write(ByteView bytes) override;
  void finish() override;

 private:
  std::string path_;
  UniqueFd fd_;
};

/// Writes all that `source` has to `sink`, and returns how many bytes that was.
std::uint64_t copy(Source& source, Sink& sink);

}  // namespace pgseal::cli
