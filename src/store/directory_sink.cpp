#include "store/directory_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/format.h"
#include "crypto/hash.h"

namespace pgseal::store {

namespace {

// A stop is heard between writes of this size.
constexpr std::size_t kWriteSize = kMiB;
// What any device's direct input and output wants of places in memory and file.
constexpr std::size_t kAlignment = 4096;

std::string temporary_name_for(const std::string& name) {
  // Leaves room for the rest in NAME_MAX (255).
  constexpr std::size_t kLongest = 200;
  std::array<std::byte, 8> random;
  crypto::random_bytes(random);
  return format(".{}.{}.tmp", name.substr(0, kLongest), to_hex(random));
}

/// 0, or the errno. Not every file system (NFS, some of FUSE) knows a rename that replaces nothing;
/// a second name and the removal of the first do the same in two steps.
int rename_without_replacing(int directory, const std::string& from, const std::string& to) {
  if (::renameat2(directory, from.c_str(), directory, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
  if (::linkat(directory, from.c_str(), directory, to.c_str(), 0) != 0) return errno;
  ::unlinkat(directory, from.c_str(), 0);
  return 0;
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  return name.starts_with('.') && name.ends_with(".tmp");
}

Error file_error(const std::string& action, const std::string& url, int error_number) {
  Error error = system_error(Exit::storage, format("cannot {} \"{}\"", action, url), error_number);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return std::move(error).with_hint("make room, or use another directory");
    case EACCES:
    case EPERM:
    case EROFS:
      return std::move(error).with_hint("check who may write to the directory");
    case EEXIST:
      return std::move(error).with_hint(
          "objects are never overwritten; has another backup the same name?");
    default:
      return error;
  }
}

int sync_directory(int directory_fd) {
  // EINVAL: a file system that has no such thing.
  return ::fsync(directory_fd) == 0 || errno == EINVAL ? 0 : errno;
}

DirectorySink::DirectorySink(const std::string& directory, std::string name, std::string url,
                             std::stop_token stop)
    : name_(std::move(name)),
      temporary_name_(temporary_name_for(name_)),
      url_(std::move(url)),
      stop_(std::move(stop)),
      directory_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!directory_) throw file_error("put", url_, errno);
  struct stat found {};
  if (::fstatat(directory_.get(), name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    throw file_error("put", url_, EEXIST);
  }
  file_ = UniqueFd(::openat(directory_.get(), temporary_name_.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file_) throw file_error("put", url_, errno);
}

DirectorySink::~DirectorySink() {
  if (!published_) ::unlinkat(directory_.get(), temporary_name_.c_str(), 0);
}

/// Writes as many pieces of kWriteSize as the file system takes past its cache, and returns the
/// rest. To copy a backup into the cache costs a tenth of its CPU time, and throws out what a
/// server on the same machine has there.
ByteView DirectorySink::write_directly(ByteView bytes) {
  if (bytes.size() < kWriteSize || size_ % kAlignment != 0) return bytes;
  const int flags = ::fcntl(file_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(file_.get(), F_SETFL, flags | O_DIRECT) != 0) return bytes;
  Bytes buffer(kWriteSize + kAlignment);
  void* aligned = buffer.data();
  std::size_t space = buffer.size();
  std::align(kAlignment, kWriteSize, aligned, space);
  while (bytes.size() >= kWriteSize) {
    if (stop_.stop_requested()) throw Cancelled();
    std::memcpy(aligned, bytes.data(), kWriteSize);
    const ssize_t n = ::write(file_.get(), aligned, kWriteSize);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EINVAL) throw file_error("put", url_, errno);
    if (n > 0) advance(bytes, n);
    if (n != static_cast<ssize_t>(kWriteSize)) break;  // an ordinary write will know why
  }
  if (::fcntl(file_.get(), F_SETFL, flags) != 0) throw file_error("put", url_, errno);
  return bytes;
}

void DirectorySink::advance(ByteView& bytes, ssize_t written) {
  bytes = bytes.subspan(static_cast<std::size_t>(written));
  size_ += static_cast<std::uint64_t>(written);
}

void DirectorySink::write(ByteView bytes) {
  bytes = write_directly(bytes);
  while (!bytes.empty()) {
    if (stop_.stop_requested()) throw Cancelled();
    const ssize_t n = ::write(file_.get(), bytes.data(), std::min(bytes.size(), kWriteSize));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw file_error("put", url_, errno);
    advance(bytes, n);
  }
}

void DirectorySink::finish() {
  if (::fsync(file_.get()) != 0) throw file_error("put", url_, errno);
  file_.reset();
  if (stop_.stop_requested()) throw Cancelled();
  int error = rename_without_replacing(directory_.get(), temporary_name_, name_);
  if (error != 0) throw file_error("put", url_, error);
  published_ = true;
  error = sync_directory(directory_.get());
  if (error == 0) return;
  ::unlinkat(directory_.get(), name_.c_str(), 0);
  throw file_error("put", url_, error);
}

}  // namespace pgseal::store
