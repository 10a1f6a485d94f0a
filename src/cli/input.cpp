#include "cli/input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace pgseal::cli {

namespace {

class FileSource final : public Source {
 public:
  FileSource(UniqueFd owned, std::string name, const std::stop_token& stop)
      : owned_(std::move(owned)), name_(std::move(name)), stop_(stop) {}

  std::size_t read(ByteSpan out) override {
    for (;;) {
      [[maybe_unused]] const short ready = poll_or_stop(fd(), POLLIN, stop_);
      const ssize_t n = ::read(fd(), out.data(), out.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR && errno != EAGAIN) {
        throw system_error(Exit::usage, format("cannot read {}", name_), errno);
      }
    }
  }

 private:
  [[nodiscard]] int fd() const { return owned_ ? owned_.get() : STDIN_FILENO; }

  UniqueFd owned_;  // none: standard input
  std::string name_;
  StopFd stop_;
};

}  // namespace

std::string input_name(const std::string& path) {
  return path == "-" ? "standard input" : "\"" + path + "\"";
}

std::unique_ptr<Source> open_input(const std::string& path, const std::stop_token& stop) {
  UniqueFd fd;
  if (path != "-") {
    fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) throw system_error(Exit::usage, format("cannot open {}", input_name(path)), errno);
  }
  return std::make_unique<FileSource>(std::move(fd), input_name(path), stop);
}

ByteView PeekSource::peek(std::size_t size) {
  while (seen_.size() - gone_ < size) {
    const std::size_t had = seen_.size();
    seen_.resize(gone_ + size);
    const std::size_t n = source_.read(ByteSpan(seen_).subspan(had));
    seen_.resize(had + n);
    if (n == 0) break;
  }
  const ByteView ahead = ByteView(seen_).subspan(gone_);
  return ahead.first(std::min(size, ahead.size()));
}

std::size_t PeekSource::read(ByteSpan out) {
  if (gone_ == seen_.size()) return source_.read(out);
  const std::size_t n = std::min(out.size(), seen_.size() - gone_);
  std::copy_n(seen_.begin() + static_cast<std::ptrdiff_t>(gone_), n, out.begin());
  gone_ += n;
  return n;
}

}  // namespace pgseal::cli
