#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>

#include "base/clock.h"
#include "base/json.h"

namespace pgseal::log {

namespace {

std::atomic<Format> g_format = Format::text;

void set_pattern(spdlog::logger& logger, Format format) {
  if (format == Format::json) {
    logger.set_pattern("%v");
    return;
  }
  // On a terminal lines of progress may stand where this line goes, and below.
  const std::string clear = ::isatty(STDERR_FILENO) == 1 ? "\r\033[J" : "";
  logger.set_pattern(clear + "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
}

spdlog::logger& logger() {
  static const auto kLogger = [] {
    auto made = spdlog::stderr_color_mt("pgseal");
    set_pattern(*made, Format::text);
    return made;
  }();
  return *kLogger;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void configure(Format format, Level level) {
  g_format = format;
  logger().set_level(to_spdlog(level));
  set_pattern(logger(), format);
}

Format current_format() { return g_format; }

void write(Level level, std::string_view message) { write(level, message, Json::object()); }

void write(Level level, std::string_view message, const Json& fields) {
  if (g_format == Format::text) {
    logger().log(to_spdlog(level), message);
    return;
  }
  if (!logger().should_log(to_spdlog(level))) return;
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  Json line = fields;
  line["time"] = format_utc(system_clock().now());
  line["level"] = kNames[static_cast<int>(level)];
  line["message"] = message;
  // Messages may quote what a server said in another encoding.
  logger().log(to_spdlog(level), line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace pgseal::log
