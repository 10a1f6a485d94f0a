#include "cli/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace pgseal::cli {

namespace {

/// No echo while it lives.
class QuietTerminal final {
 public:
  explicit QuietTerminal(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

/// Asks on the controlling terminal, without echo; nothing where there is none.
std::optional<Secret> ask_passphrase(const std::string& prompt, const std::stop_token& stop) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return std::nullopt;
  const StopFd stop_fd(stop);
  std::string line;
  line.reserve(1024);
  {
    // Before the prompt, since what was typed earlier is thrown away with the echo.
    const QuietTerminal quiet(terminal.get());
    write_all(terminal.get(), as_bytes(prompt), "to the terminal");
    for (char c = 0; line.size() < line.capacity(); line += c) {
      [[maybe_unused]] const short ready = poll_or_stop(terminal.get(), POLLIN, stop_fd);
      if (::read(terminal.get(), &c, 1) != 1 || c == '\n') break;
    }
  }
  write_all(terminal.get(), as_bytes("\n"), "to the terminal");
  return Secret(std::move(line));
}

Secret first_line(const std::string& file) {
  const Secret text(read_file(file));
  return Secret(std::string(text.reveal().substr(0, text.reveal().find('\n'))));
}

}  // namespace

std::optional<Secret> get_passphrase(const std::optional<std::string>& file,
                                     const std::string& prompt, const std::stop_token& stop) {
  return file ? first_line(*file) : ask_passphrase(prompt, stop);
}

Secret choose_passphrase(const std::optional<std::string>& file, const std::stop_token& stop) {
  const auto first = get_passphrase(file, "Enter pass phrase: ", stop);
  if (!first) {
    throw Error(Exit::usage, "cannot ask for a pass phrase: there is no terminal")
        .with_hint("--passphrase-file takes it from a file's first line");
  }
  if (first->empty()) throw Error(Exit::usage, "the pass phrase is empty");
  if (!file && ask_passphrase("Enter it again: ", stop) != first) {
    throw Error(Exit::usage, "the pass phrases differ");
  }
  return *first;
}

}  // namespace pgseal::cli
