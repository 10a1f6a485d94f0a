#include "cli/progress_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

constexpr std::chrono::milliseconds kTerminalInterval{250};
constexpr std::chrono::seconds kLogInterval{30};

void print_error(std::string_view text) {
  // The last thing that a progress line should do is to end the backup: a lost terminal is noticed
  // elsewhere (InterruptWatch).
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
}

struct TerminalSize {
  std::size_t columns = 80, rows = 24;
};

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

}  // namespace

ProgressView::ProgressView(ProgressPicture& picture, const Clock& clock)
    : picture_(picture),
      clock_(clock),
      begin_(clock.monotonic()),
      on_terminal_(::isatty(STDERR_FILENO) == 1 && log::current_format() == log::Format::text),
      thread_([this] { run(); }) {}

ProgressView::~ProgressView() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (on_terminal_) print_error(kClearBelow);
}

void ProgressView::run() {
  std::unique_lock lock(mutex_);
  const std::chrono::milliseconds interval = on_terminal_ ? kTerminalInterval : kLogInterval;
  while (!wake_.wait_for(lock, interval, [this] { return done_; })) show();
}

void ProgressView::show() {
  const auto elapsed = clock_.monotonic() - begin_;
  if (on_terminal_) {
    const TerminalSize size = terminal_size();
    print_error(draw(picture_.lines(elapsed), size.columns, size.rows));
    return;
  }
  ProgressPicture::LogLine line = picture_.log_line(elapsed);
  line.fields["event"] = "progress";
  line.fields["seconds"] = std::chrono::duration<double>(elapsed).count();
  log::write(log::Level::info, line.text, line.fields);
}

std::string draw(const std::vector<std::string>& lines, std::size_t columns, std::size_t rows) {
  // A character in the last column would make some terminals wrap.
  const std::size_t width = std::max<std::size_t>(columns, 2) - 1;
  const std::size_t height = std::min(lines.size(), std::max<std::size_t>(rows, 2) - 1);
  std::string text(kClearBelow);
  for (std::size_t i = 0; i < height; ++i) text += (i == 0 ? "" : "\n") + fit(lines[i], width);
  if (height > 1) text += format("\033[{}A", height - 1);
  return text + "\r";
}

}  // namespace pgseal::cli
