#include "cli/progress_view.h"

#include <unistd.h>

#include "base/format.h"
#include "base/log.h"
#include "base/size.h"

namespace pgseal::cli {

namespace {

constexpr std::chrono::milliseconds kTerminalInterval{250};
constexpr std::chrono::seconds kLogInterval{30};
constexpr std::string_view kClearLine = "\r\033[K";

void print_error(std::string_view text) {
  // The last thing that a progress line should do is to end the backup: a lost terminal is noticed
  // elsewhere (InterruptWatch).
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressView::ProgressView(const engine::Progress& progress, Words words, const Clock& clock)
    : progress_(progress),
      words_(words),
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
  if (on_terminal_) print_error(kClearLine);
}

void ProgressView::run() {
  std::unique_lock lock(mutex_);
  const std::chrono::milliseconds interval = on_terminal_ ? kTerminalInterval : kLogInterval;
  while (!wake_.wait_for(lock, interval, [this] { return done_; })) show();
}

void ProgressView::show() {
  const std::uint64_t sql = progress_.dumped;
  const std::uint64_t compressed = progress_.compressed;
  const std::uint64_t transferred = progress_.transferred;
  const auto elapsed = clock_.monotonic() - begin_;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(sql) / seconds);
  std::string line = format("{} {}", words_.sql, format_size(sql));
  if (words_.compressed != nullptr) {
    line += format(", {} {}", words_.compressed, format_size(compressed));
  }
  line += format(", {} {}, {}/s, {}", words_.transferred, format_size(transferred),
                 format_size(rate), format_duration(elapsed));
  if (on_terminal_) {
    print_error(std::string(kClearLine) + line);
  } else {
    log::write(log::Level::info, line,
               {{"event", "progress"},
                {"sql_bytes", sql},
                {"compressed_bytes", compressed},
                {"transferred_bytes", transferred},
                {"bytes_per_second", rate},
                {"seconds", seconds}});
  }
}

}  // namespace pgseal::cli
