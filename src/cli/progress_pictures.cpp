#include "cli/progress_pictures.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/size.h"
#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

constexpr std::size_t kBarColumns = 20;
constexpr double kNewShare = 0.3;  // of the newest rate in the smoothed one

double in_seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string rate_text(double bytes_per_second) {
  return format_size(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
}

double rate_of(std::uint64_t bytes, std::chrono::nanoseconds elapsed) {
  return elapsed.count() > 0 ? static_cast<double>(bytes) / in_seconds(elapsed) : 0;
}

/// How far all of it has come.
struct Totals {
  explicit Totals(const engine::ArchiveProgress& progress, std::chrono::nanoseconds elapsed)
      : copied(progress.totals.dumped),
        compressed(progress.totals.compressed),
        transferred(progress.totals.transferred),
        planned(progress.planned),
        done(std::min<std::uint64_t>(progress.done, planned)),
        rate(rate_of(copied, elapsed)) {
    if (planned > 0) share = static_cast<double>(done) / static_cast<double>(planned);
    // The first percent says little about the rest.
    if (share >= 0.01) eta = in_seconds(elapsed) * (1 - share) / share;
    if (compressed > 0) ratio = static_cast<double>(copied) / static_cast<double>(compressed);
  }

  [[nodiscard]] unsigned percent() const { return static_cast<unsigned>(share * 100); }
  /// "ratio 4.2, 85.0 MiB/s, 25 s left"
  [[nodiscard]] std::string rest() const {
    std::string text;
    if (ratio) text += format("ratio {:.1f}, ", *ratio);
    text += rate_text(rate);
    if (eta) {
      const auto left = std::chrono::duration<double>(*eta);
      text += format(", {} left",
                     format_duration(std::chrono::duration_cast<std::chrono::nanoseconds>(left)));
    }
    return text;
  }

  std::uint64_t copied, compressed, transferred, planned, done;
  double rate, share = 0;
  std::optional<double> eta, ratio;  ///< seconds; bytes of content a compressed byte
};

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  return "[" + std::string(full, '#') + std::string(kBarColumns - full, '-') + "]";
}

}  // namespace

std::vector<std::string> TransferPicture::lines(std::chrono::nanoseconds elapsed) {
  return {log_line(elapsed).text};
}

ProgressPicture::LogLine TransferPicture::log_line(std::chrono::nanoseconds elapsed) {
  const std::uint64_t sql = progress_.dumped;
  const std::uint64_t compressed = progress_.compressed;
  const std::uint64_t transferred = progress_.transferred;
  const auto rate = static_cast<std::uint64_t>(rate_of(sql, elapsed));
  std::string text = format("{} {}", words_.sql, format_size(sql));
  if (words_.compressed != nullptr) {
    text += format(", {} {}", words_.compressed, format_size(compressed));
  }
  text += format(", {} {}, {}/s, {}", words_.transferred, format_size(transferred),
                 format_size(rate), format_duration(elapsed));
  return {text,
          {{"sql_bytes", sql},
           {"compressed_bytes", compressed},
           {"transferred_bytes", transferred},
           {"bytes_per_second", rate}}};
}

void WorkersPicture::look(std::chrono::nanoseconds elapsed) {
  const auto workers = progress_.workers();
  const auto since = elapsed - last_look_;
  last_look_ = elapsed;
  workers_.resize(workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i) {
    Seen& seen = workers_[i];
    const bool same = workers[i].what == seen.what && workers[i].bytes >= seen.bytes;
    const double rate = rate_of(workers[i].bytes - (same ? seen.bytes : 0), since);
    seen.rate = same ? kNewShare * rate + (1 - kNewShare) * seen.rate : rate;
    seen.what = workers[i].what;
    seen.bytes = workers[i].bytes;
  }
}

std::vector<std::string> WorkersPicture::lines(std::chrono::nanoseconds elapsed) {
  look(elapsed);
  const Totals totals(progress_, elapsed);
  std::vector<std::string> lines;
  if (totals.planned == 0) {
    lines.push_back("planning, " + format_duration(elapsed));
  } else {
    lines.push_back(format("{} {:>3}% of {}, {}", bar(totals.share), totals.percent(),
                           format_size(totals.planned), totals.rest()));
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const Seen& worker = workers_[i];
    // The rate first: names are as long as they like.
    lines.push_back(worker.what.empty()
                        ? format("{:>3}  {:>12}  idle", i + 1, "")
                        : format("{:>3}  {:>12}  {}", i + 1, rate_text(worker.rate), worker.what));
  }
  return lines;
}

ProgressPicture::LogLine WorkersPicture::log_line(std::chrono::nanoseconds elapsed) {
  look(elapsed);
  const Totals totals(progress_, elapsed);
  std::string text =
      format("{} {} ({}% of {} {}), {} {}, {}", words_.content, format_size(totals.copied),
             totals.percent(), words_.whose, format_size(totals.planned), words_.transferred,
             format_size(totals.transferred), totals.rest());
  Json workers = Json::array();
  for (const Seen& worker : workers_) {
    if (worker.what.empty()) continue;
    text += (workers.empty() ? "; now " : ", ") + printable(worker.what).text;
    workers.push_back({{"what", worker.what},
                       {"bytes", worker.bytes},
                       {"bytes_per_second", static_cast<std::uint64_t>(worker.rate)}});
  }
  Json fields = {{"content_bytes", totals.copied},
                 {"compressed_bytes", totals.compressed},
                 {"transferred_bytes", totals.transferred},
                 {"planned_bytes", totals.planned},
                 {"done_bytes", totals.done},
                 {"bytes_per_second", static_cast<std::uint64_t>(totals.rate)},
                 {"workers", workers}};
  if (totals.eta) fields["seconds_left"] = *totals.eta;
  if (totals.ratio) fields["ratio"] = *totals.ratio;
  return {text, std::move(fields)};
}

}  // namespace pgseal::cli
