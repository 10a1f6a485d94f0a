#pragma once
// A file that appears whole or not at all.

#include <sys/types.h>

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/stream.h"

namespace pgseal::store {

/// Writes "DIRECTORY/NAME" under a hidden temporary name in the same directory; `finish()` makes it
/// durable and gives it its name unless that is taken. All errors are of `Exit::storage` and name
/// `url`.
class DirectorySink final : public Sink {
 public:
  /// Throws where the directory cannot be written to, or has a file `name` already.
  DirectorySink(const std::string& directory, std::string name, std::string url,
                std::stop_token stop);
  ~DirectorySink() override;

  void write(ByteView bytes) override;
  void finish() override;

 private:
  [[nodiscard]] ByteView write_directly(ByteView bytes);
  void advance(ByteView& bytes, ssize_t written);

  std::string name_, temporary_name_, url_;
  std::stop_token stop_;
  UniqueFd directory_, file_;
  std::uint64_t size_ = 0;  // bytes written
  bool published_ = false;
};

/// Whether a file's name is one that DirectorySink gives while it writes.
[[nodiscard]] bool is_temporary_name(std::string_view name);

/// Makes the names in a directory durable. Returns 0 or an errno.
[[nodiscard]] int sync_directory(int directory_fd);

/// "cannot ACTION "URL": ...", with a hint where a person can do something.
[[nodiscard]] Error file_error(const std::string& action, const std::string& url, int error_number);

}  // namespace pgseal::store
