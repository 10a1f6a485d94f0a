#pragma once
// The public part of a drill's report: what `list` shows, and nothing of what the backup holds.
// doc/formats/drill-report.md has its grammar and an example.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pgseal::backupset {

/// "ok", "failed".
[[nodiscard]] const char* verdict_name(bool passed);
/// The same with what a drill that passed did not compare: "ok, 3 left out".
[[nodiscard]] std::string verdict_text(bool passed, std::uint64_t left_out);

struct DrillSummary {
  std::string backup;         ///< BackupPlace::name(), so that it cannot be put beside another one
  TimePoint begun, finished;  ///< to the second
  bool passed = false;
  std::uint64_t left_out = 0;  ///< how much is not there or was not compared, with a reason
  std::string pgseal_version;
  bool operator==(const DrillSummary&) const = default;

  /// JSON, canonical (keys sorted, no white space), and a newline.
  [[nodiscard]] std::string to_json() const;
  /// Throws Error of `Exit::verification` where it is no summary of this format and version, or
  /// not in the one form that `to_json` gives it.
  [[nodiscard]] static DrillSummary parse(std::string_view json);
};

/// No summary is longer.
inline constexpr std::size_t kMaxDrillSummarySize = 4096;

}  // namespace pgseal::backupset
