#include "cli/key_settings.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/format.h"

namespace pgseal::cli {

namespace {

std::string with_real_newlines(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped = text.substr(at, 2) == "\\n";
    result += escaped ? '\n' : text[at];
    if (escaped) ++at;
  }
  return result;
}

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

}  // namespace

std::optional<crypto::RsaPublicKey> resolve_public_key(const std::optional<std::string>& flag,
                                                       const Environment& environment,
                                                       Problems& problems) {
  const auto value = choose(flag, {"OPENSSL_PUBLIC_KEY"}, environment, problems);
  if (!value) {
    problems.add("the public key is missing: OPENSSL_PUBLIC_KEY, or --public-key");
    return std::nullopt;
  }
  const bool is_pem = value->find("-----BEGIN") != std::string::npos;
  // Not quoted: what is no file's path may be a key that lost its first line.
  if (!is_pem && ::access(value->c_str(), R_OK) != 0) {
    problems.add(
        "the public key (OPENSSL_PUBLIC_KEY, --public-key) is neither PEM nor the path of a file "
        "that can be read");
    return std::nullopt;
  }
  std::optional<crypto::RsaPublicKey> key;
  problems.collect([&] {
    key = crypto::RsaPublicKey::from_pem(is_pem ? with_real_newlines(*value) : read_file(*value));
  });
  return key;
}

crypto::RsaPrivateKey open_identity(const std::string& identity,
                                    const std::optional<std::string>& passphrase_file,
                                    const std::stop_token& stop) {
  const Secret pem(read_file(identity));
  return crypto::RsaPrivateKey::from_pem(pem.reveal(), [&]() -> std::optional<Secret> {
    if (!passphrase_file) {
      return ask_passphrase(format("Enter pass phrase for {}: ", identity), stop);
    }
    const Secret text(read_file(*passphrase_file));
    return Secret(std::string(text.reveal().substr(0, text.reveal().find('\n'))));
  });
}

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

}  // namespace pgseal::cli
