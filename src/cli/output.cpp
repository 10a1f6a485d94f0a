#include "cli/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::cli {

namespace {

/// Writes to something that is there already: standard output, a device, a pipe.
class OpenSink final : public Sink {
 public:
  OpenSink(int fd, std::string name, const std::stop_token& stop)
      : fd_(fd), name_(std::move(name)), stop_(stop) {}
  OpenSink(UniqueFd fd, std::string name, const std::stop_token& stop)
      : owned_(std::move(fd)), fd_(owned_.get()), name_(std::move(name)), stop_(stop) {}
  void write(ByteView bytes) override {
    if (!write_or_stop(fd_, bytes, stop_, "to " + name_)) {
      throw Cancelled(format("cannot write to {}: nobody reads it", name_));
    }
  }
  void finish() override {}

 private:
  UniqueFd owned_;
  int fd_;
  std::string name_;
  StopFd stop_;
};

Error failure(const char* what, const std::string& path) {
  return system_error(Exit::usage, format("cannot {} \"{}\"", what, path), errno);
}

/// A file that gets its name when it is whole.
class FileSink final : public Sink {
 public:
  explicit FileSink(const std::string& path) : path_(path), temporary_(path + ".XXXXXX") {
    fd_ = UniqueFd(::mkostemp(temporary_.data(), O_CLOEXEC));  // mode 0600
    if (!fd_) throw failure("create", path_);
  }
  ~FileSink() override {
    if (fd_) ::unlink(temporary_.c_str());
  }
  void write(ByteView bytes) override { write_all(fd_.get(), bytes, "\"" + path_ + "\""); }
  void finish() override {
    if (::fsync(fd_.get()) != 0) throw failure("write", path_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw failure("create", path_);
    fd_.reset();
  }

 private:
  std::string path_, temporary_;
  UniqueFd fd_;
};

}  // namespace

std::unique_ptr<Sink> open_output(const std::string& path, const std::stop_token& stop) {
  if (path == "-") return std::make_unique<OpenSink>(STDOUT_FILENO, "standard output", stop);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) {
    // A link is followed, not replaced.
    std::error_code none_yet;
    const auto real = std::filesystem::canonical(path, none_yet);
    return std::make_unique<FileSink>(none_yet ? path : real.string());
  }
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) throw failure("open", path);
  return std::make_unique<OpenSink>(std::move(fd), "\"" + path + "\"", stop);
}

NewFileSink::NewFileSink(std::string path, mode_t mode) : path_(std::move(path)) {
  fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd_) throw failure("create", path_);
}

NewFileSink::~NewFileSink() {
  if (fd_) ::unlink(path_.c_str());
}

void NewFileSink::write(ByteView bytes) { write_all(fd_.get(), bytes, "\"" + path_ + "\""); }

void NewFileSink::finish() {
  if (::fsync(fd_.get()) != 0) throw failure("write", path_);
  fd_.reset();
}

std::uint64_t copy(Source& source, Sink& sink) {
  Bytes buffer(256 * kKiB);
  std::uint64_t copied = 0;
  while (const std::size_t n = source.read(buffer)) {
    sink.write(ByteView(buffer).first(n));
    copied += n;
  }
  return copied;
}

}  // namespace pgseal::cli
