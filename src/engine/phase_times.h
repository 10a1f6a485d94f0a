#pragma once
// How long the parts of a verb took.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "backupset/drill_report.h"
#include "base/clock.h"

namespace pgseal::engine {

/// Phases that follow one another. One thread at a time.
class PhaseTimes final {
 public:
  explicit PhaseTimes(const Clock& clock) : clock_(clock) {}

  /// Ends the phase before, if there is one.
  void begin(std::string name) {
    end_phase();
    phases_.push_back({.name = std::move(name)});
    begun_ = clock_.monotonic();
    runs_ = true;
  }
  /// Ends the phase before, and adds those of another verb.
  void add(const std::vector<backupset::DrillPhase>& phases) {
    end_phase();
    phases_.insert(phases_.end(), phases.begin(), phases.end());
  }
  /// All phases, the last one ended.
  [[nodiscard]] std::vector<backupset::DrillPhase> end() {
    end_phase();
    return phases_;
  }

 private:
  void end_phase() {
    if (!std::exchange(runs_, false)) return;
    phases_.back().duration =
        std::chrono::round<std::chrono::milliseconds>(clock_.monotonic() - begun_);
  }

  const Clock& clock_;
  std::vector<backupset::DrillPhase> phases_;
  std::chrono::nanoseconds begun_{0};
  bool runs_ = false;
};

}  // namespace pgseal::engine
