#pragma once
// The tar files in which bundles carry chunks: POSIX ustar (IEEE 1003.1-1988, "ustar Interchange
// Format"), regular files only, names within 100 bytes, sizes within 8 GiB.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/stream.h"

namespace pgseal::backupset {

inline constexpr std::size_t kTarBlock = 512;

/// The 512 bytes before a file's content. Mode 0600, owner 0, time `mtime` (seconds since 1970).
/// Throws Error of `Exit::internal` for what does not fit, a name with "/", "." and ".." too.
[[nodiscard]] Bytes tar_header(const std::string& name, std::uint64_t size, std::int64_t mtime);
/// How many zero bytes follow the content of a file of `size` bytes.
[[nodiscard]] std::size_t tar_padding(std::uint64_t size);
/// Appends a file: header, content and padding. Errors as of `tar_header()`.
void append_tar_file(Bytes& tar, const std::string& name, ByteView content, std::int64_t mtime);
/// The two zero blocks at the end.
[[nodiscard]] Bytes tar_end();

/// Reads such a tar file as a stream; strict: anything that `tar_header` would not write (but for
/// owner, mode and time, and a device that is left out) is an Error of `Exit::verification`. It is
/// the source of the current file.
class TarReader final : public Source {
 public:
  struct Entry {
    std::string name;
    std::uint64_t size = 0;    ///< bytes
    std::uint64_t offset = 0;  ///< of the content, from the beginning of the tar file
  };
  /// Does not own `source`.
  explicit TarReader(Source& source) : source_(source) {}
  /// The next file, past what is left of the one before; false at the end, after which the source
  /// has been read to its own end. Throws where the tar file is truncated.
  [[nodiscard]] bool next(Entry& entry);
  /// Content of the current file; 0 at its end (or where `out` is empty).
  [[nodiscard]] std::size_t read(ByteSpan out) override;

 private:
  [[nodiscard]] bool read_block(ByteSpan block);
  void skip_rest();
  void read_padding();
  void read_end();

  Source& source_;
  std::uint64_t offset_ = 0;  // in the tar file
  std::uint64_t left_ = 0;    // of the current file's content
  std::size_t padding_ = 0;   // after it
  bool at_end_ = false;
};

}  // namespace pgseal::backupset
